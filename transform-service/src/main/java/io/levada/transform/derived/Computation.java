package io.levada.transform.derived;

import io.levada.events.FilesWritten;
import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import io.levada.lake.TableSpec;
import io.levada.sql.LakeSession;
import io.levada.transform.LakeTables;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import io.levada.transform.derived.DerivedTable.Curation;
import io.levada.transform.derived.DerivedTable.FileMirror;
import io.levada.transform.derived.DerivedTable.Mirror;
import io.levada.transform.mirror.FileMirrorSql;
import io.levada.transform.mirror.LoadState;
import io.levada.transform.mirror.MirrorSql;
import io.levada.transform.result.ResultSchema;
import io.levada.transform.result.ResultTable;
import io.levada.transform.result.ResultWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Computes derived tables whole, each in an engine instance of its own. Not safe for use by several threads.
final class Computation {
    private static final Logger LOG = LoggerFactory.getLogger(Computation.class);

    private final LakeTables lake;
    private final LakeLayout layout;
    private final TransformEngine engine;
    private volatile @Nullable LakeSession running;

    Computation(LakeTables lake, LakeLayout layout, TransformEngine engine) {
        this.lake = lake;
        this.layout = layout;
        this.engine = engine;
    }

    /// Closed and synced files, and the event that offers them.
    record Result(FilesWritten event, long rows) {}

    /// What the engine is asked for, and how the answer is stored.
    private record Question(String select, Schema schema) {}

    /// @throws TransformException for all that is expected to fail
    Result compute(DerivedTable table, Standing.Stale standing) {
        try (BorrowedInputs inputs = BorrowedInputs.of(
                        engine.copies(), standing.inputs().snapshots().values());
                LakeSession session = LakeSession.open(engine.settings(), inputs.tables())) {
            running = session;
            Question question = switch (table) {
                case Mirror mirror -> question(session, mirror, standing);
                case FileMirror mirror -> question(mirror, raw(standing, mirror.raw()));
                case Curation curation -> new Question(curation.select(), ResultSchema.of(session, curation.select()));
            };
            ResultTable target = ResultTable.prepare(
                    lake,
                    new TableSpec(
                            table.name(),
                            question.schema(),
                            table.partitionBy(),
                            layout.table(table.name()),
                            Map.of()));
            String id = LakeLayout.newRunId();
            List<WrittenFile> files = ResultWriter.write(session, question.select(), target, id, engine.staging());
            target.align();
            forgetOtherRecipe(target.table(), standing.inputs().recipe());
            FilesWritten event = FilesWritten.replacement(
                    id,
                    table.name(),
                    table.cause(),
                    target.table().schema().schemaId(),
                    files,
                    standing.base(),
                    standing.tableInputs());
            return new Result(event, files.stream().mapToLong(WrittenFile::rows).sum());
        } catch (SQLException e) {
            throw failure(table, e);
        } catch (IOException | UncheckedIOException e) {
            throw new TransformException(
                    TransformError.STORAGE_UNAVAILABLE, "Files of " + table.name() + " were not written: " + e, e);
        } finally {
            running = null;
        }
    }

    /// Ends a computation that runs on another thread; it fails there.
    void cancel() {
        LakeSession session = running;
        if (session != null) {
            try {
                session.close();
            } catch (SQLException e) {
                LOG.atDebug().setCause(e).log("The engine was not closed");
            }
        }
    }

    private static void forgetOtherRecipe(Table table, String recipe) {
        String held = table.properties().get(Comparison.RECIPE);
        if (held != null && !held.equals(recipe)) {
            table.updateProperties().remove(Comparison.RECIPE).commit();
        }
    }

    private static TransformException failure(DerivedTable table, SQLException e) {
        String message = String.valueOf(e.getMessage());
        if (message.startsWith("Out of Memory Error") || message.contains("No space left on device")) {
            return new TransformException(TransformError.RESOURCES_EXHAUSTED, table.name() + ": " + message, e);
        }
        if (message.startsWith("IO Error")) {
            return new TransformException(TransformError.STORAGE_UNAVAILABLE, table.name() + ": " + message, e);
        }
        return new TransformException(
                table instanceof Curation ? TransformError.SELECT_FAILED : TransformError.INTERNAL,
                table.name() + ": " + message,
                e);
    }

    private static Question question(LakeSession session, Mirror mirror, Standing.Stale standing) throws SQLException {
        Table raw = raw(standing, mirror.raw());
        if (!(LoadState.of(mirror.raw(), raw.properties()) instanceof LoadState.Ready load)) {
            throw new IllegalStateException(mirror.raw() + " is not ready, though it was when it was compared");
        }
        List<String> columns = columns(raw);
        if (!columns.containsAll(load.key())) {
            throw new TransformException(
                    TransformError.INPUT_INVALID,
                    mirror.raw() + " has key " + load.key() + ", its columns are " + columns);
        }
        MirrorSql sql = new MirrorSql(
                LakeSession.quotedTable(mirror.raw()),
                columns,
                load.key(),
                load.generation(),
                load.pos(),
                load.lastPos());
        try (Statement statement = session.connection().createStatement();
                ResultSet probe = statement.executeQuery(sql.probe())) {
            probe.next();
            return new Question(
                    sql.select(probe.getString("floor"), names(probe.getArray("unchanged"))),
                    ResultSchema.ofMirror(raw.schema()));
        }
    }

    private static Question question(FileMirror mirror, Table raw) {
        return new Question(
                new FileMirrorSql(LakeSession.quotedTable(mirror.raw()), columns(raw)).select(),
                ResultSchema.ofMirror(raw.schema()));
    }

    private static Table raw(Standing.Stale standing, String name) {
        return Objects.requireNonNull(standing.inputs().snapshots().get(name)).table();
    }

    private static List<String> columns(Table raw) {
        return raw.schema().columns().stream()
                .map(Types.NestedField::name)
                .filter(name -> !RawColumns.ALL.contains(name))
                .toList();
    }

    private static List<String> names(@Nullable Array array) throws SQLException {
        List<String> names = new ArrayList<>();
        if (array != null) {
            for (Object name : (Object[]) array.getArray()) {
                names.add((String) name);
            }
        }
        return names;
    }
}
