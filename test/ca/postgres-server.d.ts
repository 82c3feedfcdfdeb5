export interface PostgresServer {
    /** URL of a database that is empty and nobody else's. */
    database(): Promise<string>;
    /** Runs SQL in a database; answers what psql prints, a row a line, columns with "|". */
    sql(url: string, statement: string): string;
    close(): Promise<void>;
}
/** Starts one (about two seconds). Commits reach the disk as in production. */
export declare function startPostgres(): Promise<PostgresServer>;
