package io.levada.definition;

/// Where the lake's files are.
///
/// @param location a folder relative to the data directory, an absolute folder, or `s3://bucket` or
/// `s3://bucket/prefix`
/// @param s3 how the bucket is reached, where the location is one
/// @param cacheBytes the bound of the local copies that engines read, where the location is a bucket
public record LakeDefinition(String location, S3Settings s3, long cacheBytes) {
    public static final long CACHE_BYTES = 10L * 1024 * 1024 * 1024;
    public static final LakeDefinition DEFAULT = new LakeDefinition("./lake");

    /// A lake in a folder.
    public LakeDefinition(String location) {
        this(location, S3Settings.DEFAULT, CACHE_BYTES);
    }

    /// Whether the lake is in a bucket.
    public boolean isBucket() {
        return DefinitionReader.isRemote(location);
    }
}
