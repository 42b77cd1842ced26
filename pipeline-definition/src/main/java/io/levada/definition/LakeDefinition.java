package io.levada.definition;

/// Where the lake's files are.
///
/// @param location a folder relative to the data directory, an absolute folder, or (not yet) an `s3://` prefix
public record LakeDefinition(String location) {
    public static final LakeDefinition DEFAULT = new LakeDefinition("./lake");
}
