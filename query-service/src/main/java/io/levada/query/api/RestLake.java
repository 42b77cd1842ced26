package io.levada.query.api;

import io.levada.lake.LakeConnection;
import io.levada.lake.LakeUnreachableException;
import io.levada.query.QueryError;
import io.levada.sql.QueryException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.iceberg.Table;

/// The catalog that catalog-service serves.
final class RestLake implements Lake {
    private final LakeConnection connection;

    RestLake(LakeConnection connection) {
        this.connection = connection;
    }

    @Override
    public List<String> tables() {
        return ask(connection::tables);
    }

    @Override
    public Optional<Table> load(String table) {
        return ask(() -> connection.load(table));
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (LakeUnreachableException e) {
            throw new QueryException(QueryError.CATALOG_UNREACHABLE, String.valueOf(e.getMessage()), e);
        }
    }
}
