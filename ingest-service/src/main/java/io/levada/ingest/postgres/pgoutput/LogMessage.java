package io.levada.ingest.postgres.pgoutput;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message of the logical replication stream, protocol version 1.
///
/// See "Logical Replication Message Formats" in PostgreSQL's manual. Positions in the log are unsigned.
public sealed interface LogMessage {
    /// A committed transaction begins; the next messages up to its [Commit] are its changes.
    ///
    /// @param transaction its id
    record Begin(long transaction, Instant commitTime) implements LogMessage {}

    /// @param end the position after the transaction: the log can be read again from here
    record Commit(long end, Instant commitTime) implements LogMessage {}

    /// Describes a table, before its first change and again after each change of its description.
    ///
    /// @param fullIdentity whether changes carry whole old rows (REPLICA IDENTITY FULL)
    record Relation(int id, String schema, String name, boolean fullIdentity, List<Column> columns)
            implements LogMessage {
        public Relation {
            columns = List.copyOf(columns);
        }

        /// `schema.name`.
        public String qualifiedName() {
            return schema + "." + name;
        }

        public int indexOf(String column) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).name().equals(column)) {
                    return i;
                }
            }
            return -1;
        }
    }

    /// @param identity whether the column is part of the replica identity
    /// @param type oid of its type
    /// @param modifier of the type, or -1
    record Column(String name, boolean identity, int type, int modifier) {}

    /// A change of one row.
    sealed interface RowChange extends LogMessage {
        Relation relation();
    }

    record Insert(Relation relation, Tuple row) implements RowChange {}

    /// @param old the old row: whole where the relation's identity is full, else its key where that changed
    record Update(Relation relation, @Nullable Tuple old, Tuple row) implements RowChange {}

    /// @param old the old row: whole where the relation's identity is full, else its key
    record Delete(Relation relation, Tuple old) implements RowChange {}

    record Truncate(List<Relation> relations) implements LogMessage {
        public Truncate {
            relations = List.copyOf(relations);
        }
    }

    /// What `pg_logical_emit_message` wrote.
    ///
    /// @param transactional whether it belongs to the transaction that is being sent
    /// @param position in the log
    record Content(boolean transactional, long position, String prefix, String text) implements LogMessage {}

    /// A message that says nothing about rows.
    record Other() implements LogMessage {}
}
