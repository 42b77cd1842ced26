package io.levada.ingest.capture;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// A place in a database's log, between two transactions.
public sealed interface LogPosition permits Lsn, BinlogPosition, MongoPosition {
    /// The position as the positions topic keeps it; [#of] reads it back.
    @JsonValue
    String stored();

    /// The position as people and the database write it.
    String text();

    /// 20 digits that sort the positions of one log.
    String order();

    /// Whether this place comes after the other one in the same log.
    boolean isAfter(LogPosition other);

    @JsonCreator
    static LogPosition of(String stored) {
        if (MongoPosition.isStored(stored)) {
            return MongoPosition.of(stored);
        }
        return stored.indexOf(':') < 0 ? Lsn.of(stored) : BinlogPosition.of(stored);
    }
}
