package io.levada.catalog.database;

import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.jdbc.UncheckedSQLException;

/// A change that [org.apache.iceberg.jdbc.JdbcCatalog] makes in one statement, and of which the database may give no
/// answer: whether it was made is then seen in the rows.
final class LostAnswer {
    private LostAnswer() {}

    /// Makes a change once; a second try could meet what others have made of the name meanwhile.
    ///
    /// @param subject of the change, for the log
    /// @param change tells whether there was something to change
    /// @param seen whether what the change makes is there
    /// @throws UncheckedSQLException where it is not known whether the change was, or will be, made
    static boolean found(Object subject, BooleanSupplier change, BooleanSupplier seen) {
        try {
            return change.getAsBoolean();
        } catch (UncheckedSQLException e) {
            if (isLost(e) && isSeen(subject, seen, e)) {
                return true;
            }
            throw e;
        }
    }

    private static boolean isSeen(Object subject, BooleanSupplier seen, UncheckedSQLException failure) {
        Patience patience = new Patience(subject);
        while (patience.pause(failure)) {
            try {
                return seen.getAsBoolean();
            } catch (UncheckedSQLException | ServiceUnavailableException e) {
                failure.addSuppressed(e);
            }
        }
        return false;
    }

    /// The connection broke, or the server went away: SQLSTATE classes 08 and 57. Anything else is an answer.
    private static boolean isLost(UncheckedSQLException failure) {
        return failure.getCause() instanceof SQLException sql
                && sql.getSQLState() != null
                && (sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57"));
    }
}
