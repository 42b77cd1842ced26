package io.levada.warehouse.load;

import io.levada.sql.ErrorCode;
import org.jspecify.annotations.Nullable;

/// Where a load is.
sealed interface LoadState {
    /// Nothing has been looked at yet.
    record Unknown() implements LoadState {}

    /// The lake has no snapshot to load.
    record Waiting() implements LoadState {}

    record Loading(long snapshotId) implements LoadState {}

    record UpToDate(long snapshotId) implements LoadState {}

    /// @param snapshotId that could not be loaded, or null where it is not known
    record Failed(@Nullable Long snapshotId, ErrorCode error, String detail) implements LoadState {
        /// Whether the same snapshot would fail in the same way.
        boolean isFinal() {
            return error.kind() == ErrorCode.Kind.USER;
        }
    }

    /// As status shows it.
    default String label() {
        return switch (this) {
            case Unknown _, Waiting _ -> "WAITING";
            case Loading _ -> "LOADING";
            case UpToDate _ -> "UP_TO_DATE";
            case Failed _ -> "FAILED";
        };
    }
}
