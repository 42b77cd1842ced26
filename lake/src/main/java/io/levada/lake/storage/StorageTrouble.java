package io.levada.lake.storage;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.apache.iceberg.exceptions.NotFoundException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Why a file, folder or prefix could not be read through [LakeFileIO] or a local file IO.
public enum StorageTrouble {
    /// There is no such file, folder or bucket.
    MISSING,
    /// It may not be read by whoever Levada runs as.
    FORBIDDEN,
    /// The storage does not answer, or says that it can not now.
    AWAY;

    private static final int UNAUTHORIZED = 401;
    private static final int DENIED = 403;

    /// What an exception of a file IO stands for.
    public static StorageTrouble of(Throwable failure) {
        StorageTrouble found = AWAY;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case S3Exception answer
                when answer.statusCode() == DENIED || answer.statusCode() == UNAUTHORIZED -> {
                    return FORBIDDEN;
                }
                case AccessDeniedException _ -> {
                    return FORBIDDEN;
                }
                case FileNotFoundException denied
                when String.valueOf(denied.getMessage()).contains("(Permission denied)") -> {
                    return FORBIDDEN;
                }
                case NotFoundException _, NoSuchFileException _, FileNotFoundException _ -> found = MISSING;
                default -> {}
            }
        }
        return found;
    }
}
