# Carries bytes between standard input/output and pcscd's vpcd driver at 127.0.0.1:PORT.
# The driver writes each message in two pieces, and with Nagle's algorithm the second waits for the acknowledgement of
# the first, which Linux delays by 40 ms a command. TCP_QUICKACK sends it at once; Node.js cannot set that option.
use strict;
use warnings;
use Socket qw(:all);

my $quick_ack = 12;    # <linux/tcp.h>; it holds until the next answer, so it is set after every piece
socket(my $driver, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
connect($driver, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "connect: $!\n";
setsockopt($driver, IPPROTO_TCP, TCP_NODELAY, 1);

sub write_all {
    my ($handle, $bytes) = @_;
    while (length $bytes) {
        my $count = syswrite($handle, $bytes) or exit;
        substr($bytes, 0, $count) = '';
    }
}

my $is_open = 1;
while (1) {
    my $ready = '';
    vec($ready, fileno(STDIN),   1) = 1 if $is_open;
    vec($ready, fileno($driver), 1) = 1;
    next if select($ready, undef, undef, undef) < 1;
    if (vec($ready, fileno($driver), 1)) {
        sysread($driver, my $bytes, 65536) or exit;
        setsockopt($driver, IPPROTO_TCP, $quick_ack, 1);
        write_all(\*STDOUT, $bytes) if $is_open;
    }
    if ($is_open && vec($ready, fileno(STDIN), 1)) {
        if (sysread(STDIN, my $bytes, 65536)) { write_all($driver, $bytes); next }
        # The key was pulled: the driver closes its side when pcscd looks next.
        $is_open = 0;
        shutdown($driver, SHUT_WR);
    }
}
