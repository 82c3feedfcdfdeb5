/** Every failure in German: what happened, what to do. Jargon stays under Details. */
import type { AuthorityFailure, CertificateFileProblem, CertificateUnfitReason, PinRule, PolicyProblem } from '../../core/failures.ts';
import { libraryName, holderKind, type FailureTexts, type FailureWords } from './failures.ts';

const attempts = (count: number): string => (count === 1 ? 'Ein Versuch ist übrig.' : `${count} Versuche sind übrig.`);

const pinRules: Record<Exclude<PinRule, 'too-short'>, string> = {
  'too-long': 'Es dürfen höchstens 8 Zeichen sein.',
  'factory-value': 'Es ist der Wert ab Werk, den jeder kennt.',
  'not-digits': 'Nur Ziffern sind erlaubt.',
  'too-simple': 'Es ist zu leicht zu erraten.',
};

const policyProblems: Record<PolicyProblem, string> = {
  'pin-never-on-fips': 'Ein FIPS-Schlüssel erzeugt keine Geheimnisse, die ohne PIN arbeiten.',
  'touch-cached-too-old': 'Diese Firmware kann sich eine Berührung nicht merken.',
};

/** Who keeps the key, and what makes them let go. */
function busy(holder: string | undefined): FailureWords {
  switch (holderKind(holder)) {
    case 'unknown':
      return { what: 'Ein anderes Programm benutzt den Schlüssel.', todo: 'Schließen Sie andere Programme, die den Schlüssel benutzen.' };
    case 'gnupg':
      return { what: `GnuPG benutzt den Schlüssel (${holder}).`, todo: 'Es gibt ihn frei, wenn man es bittet, und kommt wieder, wenn es gebraucht wird.' };
    case 'browser':
      return { what: `Ein Browser benutzt den Schlüssel (${holder}).`, todo: 'Schließen Sie die Seiten, die Sie mit dem Schlüssel geöffnet haben, oder den ganzen Browser.' };
    case 'other':
      return { what: `Das Programm ${holder} benutzt den Schlüssel.`, todo: `Schließen Sie ${holder}, oder warten Sie, bis es fertig ist.` };
  }
}

const certificateFiles: Record<CertificateFileProblem, FailureWords> = {
  empty: { what: 'In dieser Datei ist kein Zertifikat.', todo: 'Öffnen Sie das Zertifikat, das Ihre CA ausgestellt hat.' },
  unreadable: { what: 'Diese Datei ist kein lesbares Zertifikat.', todo: 'Öffnen Sie das Zertifikat so, wie Ihre CA es schrieb: eine Datei, die auf .crt, .cer oder .p7b endet.' },
  'too-large': { what: 'Diese Datei ist zu groß für ein Zertifikat.', todo: 'Öffnen Sie das Zertifikat, das Ihre CA ausgestellt hat.' },
  request: { what: 'Diese Datei ist der Antrag und nicht das Zertifikat.', todo: 'Unterschreiben Sie ihn zuerst mit Ihrer CA. Öffnen Sie dann das Ergebnis.' },
  'private-key': { what: 'Diese Datei ist ein privater Schlüssel und kein Zertifikat.', todo: 'Bewahren Sie sie gut auf, und öffnen Sie das Zertifikat.' },
  pkcs12: { what: 'Diese Datei enthält einen eigenen privaten Schlüssel.', todo: 'Unterschreiben Sie den Antrag mit Ihrer CA, und öffnen Sie das Zertifikat daraus.' },
  'other-key': { what: 'Das Zertifikat in dieser Datei gehört zu einem anderen Schlüssel.', todo: 'Unterschreiben Sie den Antrag dieses Schlüssels, und öffnen Sie das Zertifikat daraus.' },
  'only-authorities': { what: 'In dieser Datei sind nur Zertifikate von CAs.', todo: 'Öffnen Sie das Zertifikat, das Ihre CA ausgestellt hat.' },
  'no-authority': { what: 'In dieser Datei ist kein Zertifikat einer CA.', todo: 'Wählen Sie das Zertifikat Ihrer CA, etwa ca.crt.' },
};

const unfit: Record<CertificateUnfitReason, string> = {
  unreadable: 'Das Zertifikat der CA ist nicht lesbar.',
  'public-key': 'Das Zertifikat gehört zu einem anderen Schlüssel.',
  chain: 'Das Zertifikat wurde nicht von Ihrer CA unterschrieben.',
  'not-yet-valid': 'Das Zertifikat gilt noch nicht. Vielleicht geht die Uhr dieses Rechners falsch.',
  expired: 'Das Zertifikat ist schon abgelaufen. Vielleicht geht die Uhr dieses Rechners falsch.',
  'client-auth': 'Das Zertifikat ist nicht zum Anmelden bei Seiten gemacht.',
  'read-back': 'Der Schlüssel gab ein anderes Zertifikat zurück, als geschrieben wurde.',
};

const invitationFields: Record<Extract<AuthorityFailure, { kind: 'invitation-refused' }>['field'], string> = {
  name: 'der Name',
  email: 'die E-Mail-Adresse',
  role: 'die Rolle',
  profile: 'die Art des Zertifikats',
  days: 'wie lange sie gilt',
  uses: 'für wie viele Schlüssel sie ist',
  isAutomatic: 'dass niemand den Antrag ansieht',
};

const tellOperator = 'Sagen Sie es den Betreibern Ihrer CA, mit den Einzelheiten unten.';
const otherModule = 'Bleibt es so, wählen Sie in den Optionen eine andere Bibliothek.';
const replug = 'Ziehen Sie den Schlüssel heraus, stecken Sie ihn wieder ein und versuchen Sie es noch einmal.';

export const failuresDe: FailureTexts = {
  'smart-card-service-missing': () => ({
    what: 'Der Smartcard-Dienst dieses Rechners läuft nicht.',
    todo: 'Starten Sie ihn, oder installieren Sie ihn. Unter Linux heißt er pcscd.',
  }),
  'smart-card-access-denied': () => ({
    what: 'Sie dürfen auf diesem Rechner keine Sicherheitsschlüssel benutzen.',
    todo: 'Melden Sie sich direkt am Rechner an, oder bitten Sie um den Zugriff auf Smartcards.',
  }),
  'device-process-ended': () => ({ what: 'Der Teil der App, der mit Schlüsseln spricht, ist beendet.', todo: 'Starten Sie ihn neu. Auf Ihrem Schlüssel ist nichts verloren.' }),
  'security-key-removed': () => ({ what: 'Der Schlüssel wurde herausgezogen.', todo: 'Stecken Sie ihn wieder ein. Was getan ist, bleibt getan.' }),
  'security-key-busy': ({ holder }) => busy(holder),
  'security-key-unresponsive': () => ({ what: 'Der Schlüssel antwortet nicht.', todo: replug }),
  'not-a-piv-key': () => ({
    what: 'Dieser Schlüssel kann keine Zertifikate tragen.',
    todo: 'Nehmen Sie einen YubiKey 4 oder 5. Die blaue Reihe „Security Key“ kann es nicht.',
  }),
  'card-error': () => ({ what: 'Der Schlüssel wies einen Befehl ab, aus einem unbekannten Grund.', todo: replug }),
  'pin-wrong': ({ attemptsLeft }) => ({
    what: `Die PIN ist falsch. ${attempts(attemptsLeft)}`,
    todo: attemptsLeft === 1 ? 'Das ist der letzte Versuch. Ist er falsch, ist die PIN gesperrt.' : 'Geben Sie sie noch einmal ein, langsam. Ist keiner mehr übrig, ist die PIN gesperrt.',
  }),
  'pin-blocked': () => ({
    what: 'Die PIN ist gesperrt. Sie wurde zu oft falsch eingegeben.',
    todo: 'Ihre PUK setzt eine neue. Nichts geht verloren.',
  }),
  'puk-wrong': ({ attemptsLeft }) => ({
    what: `Die PUK ist falsch. ${attempts(attemptsLeft)}`,
    todo: attemptsLeft === 1 ? 'Das ist der letzte Versuch. Ist er falsch, ist die PUK gesperrt.' : 'Sehen Sie auf dem Blatt nach, auf dem sie steht.',
  }),
  'puk-blocked': () => ({
    what: 'Die PUK ist gesperrt. Sie wurde zu oft falsch eingegeben.',
    todo: 'Gilt die PIN noch, setzen Sie die Versuche neu. Sonst muss der Schlüssel zurückgesetzt werden.',
  }),
  'pin-invalid': ({ which, rule, minLength }) => ({ what: `Diese ${which} geht nicht.`, todo: rule === 'too-short' ? `Es braucht mindestens ${minLength ?? 6} Zeichen.` : pinRules[rule] }),
  'management-key-unknown': () => ({
    what: 'Die Einstellungen dieses Schlüssels sind mit einem fremden Code verschlossen.',
    todo: 'Geben Sie den Code ein, oder fragen Sie, wer den Schlüssel eingerichtet hat.',
  }),
  'printed-object-in-use': () => ({
    what: 'Ein anderes Programm hat dort etwas gespeichert, wo die App ihr Schloss ablegt.',
    todo: 'Es wird nicht überschrieben. Fragen Sie, wer den Schlüssel eingerichtet hat.',
  }),
  'management-key-malformed': ({ digits }) => ({ what: 'Das kann nicht der Code dieses Schlüssels sein.', todo: `Er hat ${digits} Zeichen, 0 bis 9 und a bis f.` }),
  'attempts-invalid': () => ({ what: 'Diese Zahl von Versuchen nimmt der Schlüssel nicht an.', todo: 'Wählen Sie eine Zahl von 1 bis 255.' }),
  'serial-mismatch': () => ({ what: 'Das Eingegebene ist nicht die Seriennummer dieses Schlüssels.', todo: 'Nichts wurde geändert. Vergleichen Sie es mit der Nummer auf dem Bildschirm.' }),
  'move-unsupported': ({ firmware }) => ({
    what: 'Dieser Schlüssel kann kein Geheimnis beiseitelegen.',
    todo: `Das braucht Firmware 5.7, er hat ${firmware}. Ersetzen Sie stattdessen das alte Geheimnis.`,
  }),
  'no-retired-slot-free': () => ({ what: 'Alle zwanzig Plätze für alte Geheimnisse sind belegt.', todo: 'Ersetzen Sie das alte Geheimnis, statt es zu behalten.' }),
  'policy-refused': ({ problem }) => ({ what: policyProblems[problem], todo: 'Wählen Sie unter „Weitere Möglichkeiten“ anders.' }),
  'fips-not-ready': () => ({ what: 'Ein FIPS-Schlüssel erzeugt Geheimnisse erst mit eigener PIN, PUK und eigenem Schloss.', todo: 'Setzen Sie alle drei, und versuchen Sie es noch einmal.' }),
  'holder-not-releasable': ({ holder }) => ({
    what: holder === undefined ? 'Das Programm, das den Schlüssel benutzt, ließ sich nicht bitten.' : `${holder} lässt sich nicht bitten, den Schlüssel freizugeben.`,
    todo: 'Schließen Sie es selbst. Dann geht es hier weiter.',
  }),
  'touch-timeout': () => ({ what: 'Der Schlüssel wurde nicht rechtzeitig berührt.', todo: 'Versuchen Sie es noch einmal, und berühren Sie ihn, wenn er blinkt.' }),
  'key-type-unsupported': ({ keyType, firmware }) => ({
    what: `Ein Schlüssel mit Firmware ${firmware} kann ${keyType} nicht erzeugen.`,
    todo: 'Wählen Sie unter „Weitere Möglichkeiten“ eine andere Art.',
  }),
  'slot-empty': () => ({ what: 'Auf dem Schlüssel ist noch kein Geheimnis.', todo: 'Richten Sie den Schlüssel zuerst ein.' }),
  'attestation-unavailable': () => ({
    what: 'Der Schlüssel kann nicht belegen, dass sein Geheimnis auf ihm entstand.',
    todo: 'Lassen Sie die App ein neues erzeugen. Für ein hineinkopiertes gibt es keinen Beleg.',
  }),
  'certificate-unfit': ({ reason }) => ({ what: unfit[reason], todo: `Es wurde nicht benutzt. ${tellOperator}` }),
  'module-failed': ({ module }) => ({ what: `Die Bibliothek ${libraryName(module)} meldet einen Fehler.`, todo: `Ziehen Sie den Schlüssel heraus, und stecken Sie ihn wieder ein. ${otherModule}` }),
  'module-crashed': ({ module }) => ({ what: `Die Bibliothek ${libraryName(module)} ist abgestürzt.`, todo: `Der App und Ihrem Schlüssel fehlt nichts. ${otherModule}` }),
  'proof-failed': ({ reason }) => ({
    what:
      reason === 'signature'
        ? 'Der Schlüssel unterschrieb eine Probe, aber die Unterschrift ist falsch.'
        : reason === 'certificate-not-found'
          ? 'Das Zertifikat ist auf dem Schlüssel, aber Browser fänden es nicht.'
          : 'Das Geheimnis ist auf dem Schlüssel, aber Browser fänden es nicht.',
    todo: replug,
  }),

  'invitation-unreadable': ({ reason }) => ({
    what: reason === 'not-a-link' ? 'Das ist keine Einladung.' : 'Die Einladung ist beschädigt.',
    todo: 'Kopieren Sie den ganzen Link noch einmal. Er beginnt mit latchkey:// und hat keine Leerzeichen.',
  }),
  'authority-address-invalid': () => ({ what: 'Das ist keine Adresse einer CA.', todo: 'Eine Adresse sieht so aus: https://ca.example.org oder https://ca.example.org:8443.' }),
  'authority-unreachable': ({ address }) => ({ what: `Die CA bei ${address} antwortet nicht.`, todo: 'Prüfen Sie Ihr Netz. Geht es, ist die CA vielleicht eine Weile aus.' }),
  'authority-fingerprint-mismatch': ({ address }) => ({
    what: `Die CA bei ${address} ist nicht die, die man Ihnen nannte.`,
    todo: 'Machen Sie nicht weiter. Vielleicht steht jemand dazwischen. Bitten Sie persönlich um eine neue Einladung.',
  }),
  'authority-untrusted': ({ address }) => ({
    what: `Der Server bei ${address} kann nicht zeigen, dass er zu Ihrer CA gehört.`,
    todo: 'Machen Sie hier nicht weiter. Versuchen Sie ein anderes Netz, oder fragen Sie die Betreiber.',
  }),
  'authority-protocol': ({ address }) => ({ what: `Der Server bei ${address} antwortet nicht wie eine CA.`, todo: 'Prüfen Sie die Adresse. Sie führt vielleicht zu einem anderen Dienst.' }),
  'authority-locked': () => ({ what: 'Die CA läuft, kann aber noch nicht unterschreiben.', todo: 'Ihr Betreiber muss sie entsperren. Versuchen Sie es später.' }),
  'invitation-unknown': () => ({ what: 'Die CA kennt diese Einladung nicht.', todo: 'Bitten Sie um eine neue.' }),
  'invitation-expired': () => ({ what: 'Diese Einladung ist abgelaufen.', todo: 'Bitten Sie um eine neue.' }),
  'invitation-used': () => ({ what: 'Diese Einladung wurde schon benutzt.', todo: 'Jede gilt für einen Schlüssel. Bitten Sie um eine neue.' }),
  'csr-unreadable': () => ({ what: 'Die CA konnte den Antrag nicht lesen.', todo: tellOperator }),
  'csr-signature-invalid': () => ({ what: 'Die Unterschrift des Antrags stimmt nicht.', todo: replug }),
  'csr-key-refused': ({ keyType }) => ({ what: `Die CA nimmt keine Geheimnisse der Art ${keyType}.`, todo: 'Wählen Sie unter „Weitere Möglichkeiten“ eine andere Art.' }),
  'csr-name-refused': ({ field }) => ({ what: `Die CA nimmt nicht an, was im Feld „${field}“ steht.`, todo: 'Ändern Sie es, und versuchen Sie es noch einmal.' }),
  'attestation-refused': ({ problem }) => ({
    what: problem === 'missing' ? 'Die CA will einen Beleg, dass der Schlüssel echt ist, und es gibt keinen.' : 'Die CA glaubt den Beleg nicht, dass dieser Schlüssel echt ist.',
    todo: tellOperator,
  }),
  'request-malformed': () => ({ what: 'Die CA hat die App nicht verstanden.', todo: 'Eine von beiden ist vielleicht veraltet. Suchen Sie nach einer neuen Version.' }),
  'request-too-large': () => ({ what: 'Der Antrag ist der CA zu groß.', todo: 'Nehmen Sie kürzere Namen, oder fragen Sie die Betreiber.' }),
  'request-unknown': () => ({ what: 'Die CA kennt diesen Antrag nicht.', todo: 'Er wurde vielleicht weggeräumt. Reichen Sie einen neuen ein.' }),
  'request-denied': ({ reason }) => ({ what: 'Ihr Antrag wurde abgelehnt.', todo: reason === '' ? 'Sprechen Sie mit der Person, die freigibt.' : `Als Grund wurde geschrieben: ${reason}` }),
  'request-already-decided': () => ({ what: 'Jemand anders hat über diesen Antrag schon entschieden.', todo: 'Die Liste zeigt, wie.' }),
  'not-signed-in': () => ({ what: 'Ihre Anmeldung ist zu Ende.', todo: 'Melden Sie sich mit Ihrem Schlüssel neu an.' }),
  'not-an-approver': () => ({ what: 'Wem dieser Schlüssel gehört, darf nichts freigeben.', todo: 'Nehmen Sie den Schlüssel einer Person, die freigeben darf.' }),
  'sign-in-rejected': ({ reason }) => {
    switch (reason) {
      case 'expired':
        return { what: 'Das Zertifikat auf diesem Schlüssel ist abgelaufen.', todo: 'Richten Sie den Schlüssel neu ein.' };
      case 'revoked':
        return { what: 'Das Zertifikat auf diesem Schlüssel wurde zurückgezogen.', todo: 'Fragen Sie die Betreiber der CA.' };
      case 'certificate':
        return { what: 'Das Zertifikat auf diesem Schlüssel ist nicht von dieser CA.', todo: 'Nehmen Sie den Schlüssel, den Sie hier eingerichtet haben.' };
      case 'challenge':
        return { what: 'Das Anmelden dauerte zu lange.', todo: 'Versuchen Sie es noch einmal.' };
      case 'signature':
        return { what: 'Die CA nahm die Unterschrift des Schlüssels nicht an.', todo: 'Versuchen Sie es noch einmal. Bleibt es so, richten Sie den Schlüssel neu ein.' };
    }
  },
  'not-allowed': ({ wanted }) => ({ what: 'Ihre Rolle bei dieser CA erlaubt das nicht.', todo: wanted === 'owner' ? 'Fragen Sie einen Eigentümer der CA.' : 'Fragen Sie einen Genehmiger oder Eigentümer der CA.' }),
  'own-request': () => ({ what: 'Dieser Antrag ist Ihr eigener.', todo: 'Bitten Sie einen anderen Genehmiger, ihn anzusehen.' }),
  'already-approved-by-you': () => ({ what: 'Sie haben diesen Antrag schon genehmigt.', todo: 'Es braucht noch jemanden. Bitten Sie einen anderen Genehmiger.' }),
  'statement-refused': ({ problem }) =>
    problem === 'time'
      ? { what: 'Die CA nahm Ihre Entscheidung nicht an, weil die Uhren voneinander abweichen.', todo: 'Stellen Sie die Uhr dieses Computers richtig, und entscheiden Sie noch einmal.' }
      : { what: 'Die CA nahm Ihre unterschriebene Entscheidung nicht an.', todo: 'Sehen Sie den Antrag noch einmal an, und entscheiden Sie neu. Bleibt es so, melden Sie sich neu an.' },
  'certificate-unknown': () => ({ what: 'Die CA kennt dieses Zertifikat nicht.', todo: 'Suchen Sie es noch einmal in der Liste.' }),
  'certificate-revoked': () => ({ what: 'Dieses Zertifikat ist endgültig zurückgezogen.', todo: 'Sein Inhaber kann ein neues beantragen.' }),
  'certificate-not-held': () => ({ what: 'Dieses Zertifikat ist nicht gesperrt.', todo: 'Es ist nichts zu tun. Die Liste zeigt, wie es steht.' }),
  'last-owner': () => ({ what: 'Das ist der letzte Eigentümer der CA.', todo: 'Machen Sie zuerst jemand anderen zum Eigentümer.' }),
  'invitation-refused': ({ field }) => ({ what: `Die CA erlaubt diese Einladung nicht: ${invitationFields[field]}.`, todo: 'Ändern Sie das, und versuchen Sie es noch einmal.' }),
  'invitation-ended': () => ({ what: 'Diese Einladung wurde zurückgenommen.', todo: 'Bitten Sie um eine neue.' }),
  'renewal-refused': ({ reason }) => ({
    what: reason === 'challenge' || reason === 'signature' ? 'Der alte Schlüssel konnte sich vor der CA nicht ausweisen.' : 'Mit dem Zertifikat auf diesem Schlüssel lässt sich nichts mehr erneuern.',
    todo: reason === 'challenge' || reason === 'signature' ? 'Versuchen Sie es noch einmal.' : 'Ein Genehmiger muss Ihren Antrag ansehen.',
  }),
  'policy-violated': ({ rule, detail }) => ({ what: `Die Regeln der CA erlauben das nicht: ${detail}.`, todo: `Ändern Sie es, oder fragen Sie die Betreiber der CA. Die Regel heißt „${rule}“.` }),
  'profile-unknown': ({ profile }) => ({ what: `Die CA hat keine Art von Zertifikat namens „${profile}“.`, todo: 'Fragen Sie die Betreiber der CA.' }),
  'certificate-lint-failed': ({ problems }) => ({ what: 'Die CA unterschrieb nicht, weil das Zertifikat eine Regel verletzen würde.', todo: `Sagen Sie es den Betreibern der CA: ${problems.join('; ')}` }),
  'signature-refused': () => ({ what: 'Die CA nahm diese Unterschrift nicht an.', todo: 'Nehmen Sie den Schlüssel, der zu dieser CA gehört.' }),
  'certificate-file-refused': ({ problem }) => certificateFiles[problem],
  'est-sign-in-refused': ({ wasGiven }) => (wasGiven ? { what: 'Der Server der CA nimmt diesen Benutzernamen und dieses Kennwort nicht an.', todo: 'Prüfen Sie beide, und versuchen Sie es noch einmal.' } : { what: 'Der Server der CA verlangt einen Benutzernamen und ein Kennwort.', todo: 'Nennen Sie die CA noch einmal, und geben Sie beide ein.' }),
  'est-refused': ({ answer }) => ({ what: answer === '' ? 'Der Server der CA lehnte den Antrag ab.' : `Der Server der CA lehnte den Antrag ab: ${answer}.`, todo: 'Fragen Sie ihre Betreiber.' }),
  'authority-cannot': () => ({ what: 'Das geht bei dieser CA nicht von hier aus.', todo: 'Fragen Sie ihre Betreiber.' }),
  'too-many-requests': ({ retryAfterSeconds }) => ({ what: 'Die CA hat gerade zu viel zu tun.', todo: `Versuchen Sie es in ${retryAfterSeconds} Sekunden noch einmal.` }),

  'audit-broken': ({ sequence }) => ({ what: `Das Protokoll stimmt ab Zeile ${sequence} nicht.`, todo: 'Jemand hat es geändert, oder die Platte ist schadhaft. Vergleichen Sie es mit einer Sicherung.' }),
  'backup-unreadable': ({ path }) => ({ what: `${path} ist keine vollständige Sicherung.`, todo: 'Nehmen Sie eine andere. Es wurde nichts wiederhergestellt.' }),
  'command-failed': ({ command }) => ({ what: `„${command}“ hat nicht funktioniert.`, todo: 'Sehen Sie in die Einzelheiten, und führen Sie es von Hand aus.' }),
  'policy-invalid': ({ path, problems }) => ({ what: problems.length === 1 ? `${path} hat einen Fehler.` : `${path} hat ${problems.length} Fehler.`, todo: 'Beheben Sie sie; „latchkey ca policy check“ nennt jede Stelle.' }),
  'store-unreachable': ({ address }) => ({ what: `Die Datenbank ${address} antwortet nicht.`, todo: 'Prüfen Sie, ob sie läuft, ihre Adresse und Ihr Kennwort.' }),
  'store-not-empty': ({ address }) => ({ what: `In ${address} ist schon etwas.`, todo: 'Nehmen Sie eine leere Datenbank. Es wurde nichts geändert.' }),
  'store-newer': () => ({ what: 'Die Datenbank stammt von einer neueren Version von Latchkey.', todo: 'Benutzen Sie diese. Es wurde nichts geändert.' }),
  'passphrase-wrong': () => ({ what: 'Das Kennwort der CA ist falsch.', todo: 'Geben Sie es noch einmal ein.' }),
  'authority-folder-exists': ({ path }) => ({ what: `In ${path} ist schon eine CA.`, todo: 'Wählen Sie einen anderen Ordner.' }),
  'authority-folder-missing': ({ path }) => ({ what: `In ${path} ist keine CA.`, todo: 'Wählen Sie einen anderen Ordner, oder legen Sie dort eine an.' }),
  'authority-certificate-unfit': () => ({ what: 'Dieses Zertifikat kann nicht das einer CA sein.', todo: 'Wählen Sie das Zertifikat und die Schlüsseldatei Ihrer CA.' }),
  'address-in-use': ({ address }) => ({ what: `Ein anderes Programm benutzt die Adresse ${address}.`, todo: 'Beenden Sie es, oder wählen Sie einen anderen Port.' }),
  'chain-broken': ({ missingIssuer }) => ({ what: `In der Kette der CA fehlt das Zertifikat von ${missingIssuer}.`, todo: 'Fügen Sie es der Datei mit dem Zertifikat der CA hinzu.' }),
  'signatures-missing': () => ({ what: 'Der Server der CA wartet auf Unterschriften der Person, die ihren Schlüssel hat.', todo: 'Unterschreiben Sie, was wartet, und starten Sie ihn neu.' }),
  'token-key-unusable': () => ({ what: 'Der Schlüssel der CA auf seinem Token ist nicht zu gebrauchen.', todo: 'Prüfen Sie, ob der Token eingesteckt ist, und seine PIN.' }),
  'crl-unusable': () => ({ what: 'Die Liste der gesperrten Zertifikate ist nicht zu gebrauchen.', todo: 'Prüfen Sie die Adresse der CA und ob ihr Server läuft.' }),
  'file-unwritable': ({ path }) => ({ what: `Unter ${path} ließ sich nichts speichern.`, todo: 'Wählen Sie einen anderen Ort, oder schaffen Sie dort Platz.' }),
  'file-unreadable': ({ path }) => ({ what: `Die Datei ${path} ist nicht lesbar.`, todo: 'Prüfen Sie, ob es sie gibt und ob Sie sie lesen dürfen.' }),

  unexpected: ({ id }) => ({ what: 'In der App ging etwas schief.', todo: `Versuchen Sie es noch einmal. Wenn Sie es melden, nennen Sie die Nummer ${id}.` }),
};
