package io.levada.catalog;

/// Stable codes of what catalog-service refuses, parks or retries. A retired code stays reserved.
public enum CatalogError {
    /// The range or file does not follow on what the table holds.
    GAP(Kind.INTERNAL, "Find what lies between: nothing more is committed to this table until it follows on"),
    /// The range starts before and ends after what the table holds.
    OVERLAP(Kind.INTERNAL, "Find the producer that cut the range: nothing more is committed to this table until then"),
    /// The table holds offsets of another Kafka cluster or of a topic that was made anew.
    FOREIGN_OFFSETS(
            Kind.EXTERNAL,
            "Bring back the cluster and topic that filled the table, or load the table as a new generation"),
    /// Producers create tables before they write files of them.
    TABLE_MISSING(Kind.EXTERNAL, "Create the table; the commit is tried again by itself"),
    /// The files were written with a schema that the table does not know.
    UNKNOWN_SCHEMA(Kind.INTERNAL, "Write the files with the schema that the catalog returned"),
    /// A file to be added is absent or has another length.
    FILE_MISSING(Kind.EXTERNAL, "Bring the file back; the commit is tried again by itself"),
    /// A file's description does not fit the table.
    FILE_INVALID(Kind.INTERNAL, "Find the producer that described the file: its partition or metrics do not fit"),
    /// The event can not be read, or its parts contradict one another.
    EVENT_INVALID(Kind.INTERNAL, "Find the producer of the event; it is tried again by itself"),
    /// A newer load of the table is already committed.
    LOAD_SUPERSEDED(Kind.USER, "Nothing is to be done: the newer load holds"),
    /// A result that replaces a part of its table, or rewritten files, which catalog-service alone commits.
    NOT_SUPPORTED(Kind.INTERNAL, "Use a producer of this version"),
    /// The table has another snapshot than the one that the result was planned on.
    BASE_MOVED(Kind.INTERNAL, "Compute the result anew"),
    /// The table follows from other input snapshots than those that the result started from.
    INPUTS_MOVED(Kind.INTERNAL, "Compute the result anew"),
    /// Storage, database or a competing commit stands in the way.
    STORAGE_UNAVAILABLE(Kind.RESOURCES, "Check storage and catalog database; the commit is tried again by itself"),
    /// The catalog takes no such name, column or text.
    CATALOG_LIMIT(Kind.USER, "Shorten or rename what the reason names; the commit is tried again by itself"),
    /// The catalog does not let catalog-service change the table.
    CATALOG_REFUSED(
            Kind.EXTERNAL,
            "Give the credentials of catalog-service the permission; the commit is tried again by itself"),
    /// The catalog (its database, or AWS Glue) does not answer.
    CATALOG_AWAY(Kind.EXTERNAL, "Check that the catalog can be reached; what waits for it goes on by itself"),
    /// A location that can not be crawled, or a table that can not be made of it.
    CRAWL_LOCATION(
            Kind.USER,
            "Give an existing folder, or s3://bucket/prefix, outside of the lake, and a table named raw.<name>"),
    /// A location without a file that could be a table's.
    CRAWL_NOTHING_FOUND(Kind.USER, "Check the location"),
    /// The name of a crawled table is another one's.
    CRAWL_TABLE_TAKEN(Kind.USER, "Give the table another name with --table"),
    /// A file that is found can not be read as Parquet.
    CRAWL_FILE_BROKEN(Kind.USER, "Write the file anew, or take it away; the next crawl looks at it again"),
    /// A file has a column of a type, or of a name, that no table can have.
    CRAWL_TYPE_UNSUPPORTED(Kind.USER, "Write the file without that column; the next crawl looks at it again"),
    /// A column has types that can not be one. Nothing of a new table is registered then.
    CRAWL_SCHEMA_CONFLICT(Kind.USER, "Write the file with the table's type, or crawl it as a table of its own"),
    /// A file has field ids that are not its table's.
    CRAWL_FIELD_IDS(
            Kind.USER, "Write the file without field ids, or take it in through a file source with `format: parquet`"),
    /// The folders of a file name other partitions, or values of another type.
    CRAWL_PARTITIONS(Kind.USER, "Move the file to where the others of its kind are, or crawl it as a table of its own"),
    /// A file of a link that leads out of the location.
    CRAWL_FILE_OUTSIDE(Kind.USER, "Crawl the folder that the file is in"),
    /// The folder is a table of another format.
    CRAWL_TABLE_FORMAT(
            Kind.USER,
            "Register a table of Iceberg with POST /iceberg/v1/namespaces/{namespace}/register and its metadata file; of"
                    + " another format, export the rows and crawl those"),
    /// A link, which stands for files elsewhere. A crawl follows none.
    CRAWL_LINK(Kind.USER, "Crawl the folder that it leads to"),
    /// A prefix in S3, where the lake is in a folder.
    CRAWL_LAKE_IN_FOLDER(
            Kind.USER,
            "Put the lake into S3 (`lake: {location: s3://...}`), or take the files in through a source with"
                    + " `type: files` and `format: parquet`"),
    /// The location is in a bucket that there is not.
    CRAWL_BUCKET_MISSING(Kind.USER, "Correct the bucket's name, or create it"),
    /// The location, or a file in it, may not be read.
    CRAWL_FORBIDDEN(
            Kind.USER,
            "Let Levada read it: s3:ListBucket on the bucket and s3:GetObject on its objects, or the rights of folder"
                    + " and file; then crawl again"),
    /// The storage of the files or of the lake did not answer, or others committed to the table all the time.
    CRAWL_STORAGE_AWAY(Kind.EXTERNAL, "Check that the storage answers, and crawl again: nothing is repeated"),
    /// The location holds more files, or would be more tables, than one crawl takes.
    CRAWL_TOO_LARGE(
            Kind.RESOURCES,
            "Crawl the folders below it one by one; or give --table, where all of its files are one table"),
    /// A registered file has another size now. Files of a crawled table are never written over.
    CRAWL_FILE_CHANGED(Kind.USER, "Bring the file back as it was, and write changed rows to a new file"),
    /// A registered file is not there any more.
    CRAWL_FILE_GONE(Kind.USER, "Bring the file back, or delete it from the table with an engine over /iceberg"),
    /// There is no such crawl.
    CRAWL_UNKNOWN(Kind.USER, "GET /v1/crawls lists those that are remembered"),
    /// A crawl failed for a reason that only the log has.
    CRAWL_FAILED(Kind.INTERNAL, "Look into the log of catalog-service; crawling again repeats nothing"),
    /// Lineage was asked of a table that there is not.
    LINEAGE_TABLE_UNKNOWN(Kind.USER, "See GET /v1/status for the tables that there are"),
    /// Lineage was asked of a snapshot that the table does not have, or no more.
    LINEAGE_SNAPSHOT_UNKNOWN(Kind.USER, "Leave `snapshot` out for the current one"),
    /// A parameter of a request for lineage is not valid.
    LINEAGE_REQUEST_INVALID(Kind.USER, "Correct the parameter"),
    /// A request failed for a reason that only the log has.
    INTERNAL(Kind.INTERNAL, "Look into the log of catalog-service"),
    /// Kafka took no event about a refusal.
    KAFKA_UNAVAILABLE(Kind.EXTERNAL, "Check Kafka; the event is tried again by itself"),
    /// Small files can not be rewritten without loss, and stay as they are.
    REWRITE_UNSUPPORTED(
            Kind.USER, "Nothing is lost: rewrite these files with another engine where they are in the way"),
    /// The engine or the disk failed while files were rewritten.
    REWRITE_FAILED(
            Kind.RESOURCES,
            "Check memory, free disk space and the named file; the table is as it was, and is tried again"),
    /// A rewritten file has other rows than the files that it was to replace.
    REWRITE_MISMATCH(Kind.INTERNAL, "The table is as it was; report this with the named file"),
    /// Others committed to the table again and again while a rewrite waited.
    REWRITE_CONFLICT(Kind.EXTERNAL, "Nothing is to be done: it is tried again by itself"),
    /// Snapshots stay, since it is not known which of them are announced.
    NOT_ANNOUNCED(Kind.EXTERNAL, "Check Kafka; snapshots expire once they are announced"),
    /// Nothing is deleted, since not all names of files that are needed could be read.
    ORPHANS_UNCERTAIN(Kind.EXTERNAL, "Check what could not be read: storage, Kafka or the named table"),
    /// Rows of such a table are not erased.
    ERASURE_TABLE(
            Kind.USER,
            "Name a raw table of a source, or its mirror, such as stage.shop_customer; what follows from it is computed anew"),
    /// The key does not tell which rows to erase.
    ERASURE_KEY(Kind.USER, "Give the value of the key, or `column=value` for each of its columns"),
    /// There is no such erasure.
    ERASURE_UNKNOWN(Kind.USER, "GET /v1/erasures lists those that are open, and the last ones"),
    /// A tag, a branch or a table set back keeps rows that were erased, or too many events of the table wait.
    ERASURE_BLOCKED(
            Kind.USER,
            "Remove the tag or branch, set the table forward, or mend what ./levada status shows; the erasure goes on by itself"),
    /// The history of a table is not bounded while a load of it goes on.
    RETENTION_WAITS(
            Kind.USER, "Nothing is to be done: it is tried again by itself once the load of the table is complete"),
    /// Maintenance of a table failed for another reason.
    MAINTENANCE_FAILED(Kind.INTERNAL, "Look into the log of catalog-service; the table is tried again");

    /// Whose matter an error is.
    public enum Kind {
        USER,
        INTERNAL,
        EXTERNAL,
        RESOURCES
    }

    private final Kind kind;
    private final String nextStep;

    CatalogError(Kind kind, String nextStep) {
        this.kind = kind;
        this.nextStep = nextStep;
    }

    public Kind kind() {
        return kind;
    }

    /// What to do about it.
    public String nextStep() {
        return nextStep;
    }
}
