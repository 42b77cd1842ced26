package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.events.Layer;
import io.levada.lake.FileShape;
import io.levada.lake.LocalFileIO;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.CopyFailure;
import io.levada.lake.storage.EngineFiles;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.FieldIds;
import io.levada.sql.LakeSession;
import io.levada.sql.ParquetTable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// Writes the rows of some files of a table into one file, within the engine: rows do not pass through the Java heap.
///
/// The new file has the table's present columns and the order of the rows. What the engine would not keep exactly is
/// left alone, and said: [#obstacle(BaseTable)], [FileShape].
public final class FileRewrite {
    /// The engine writes a column of a row group as one page, and whoever reads a value holds the whole of it.
    private static final String ROW_GROUP_BYTES = "32MB";

    private static final int FIRST_WITH_ROW_IDS = 3;

    private final DuckDbSettings engine;
    private final LocalCopies copies;
    private final Path staging;

    /// @param copies of files in a bucket, which the engine reads
    /// @param staging a folder for what is on its way into a bucket
    public FileRewrite(DuckDbSettings engine, LocalCopies copies, Path staging) {
        this.engine = engine;
        this.copies = copies;
        this.staging = staging;
    }

    /// Why no file of a table can be rewritten without loss; empty where they can.
    public static Optional<String> obstacle(BaseTable table) {
        int version = table.operations().current().formatVersion();
        if (version >= FIRST_WITH_ROW_IDS) {
            return Optional.of("it has format version " + version + ", whose row ids a rewrite would not keep");
        }
        for (Types.NestedField field :
                TypeUtil.indexById(table.schema().asStruct()).values()) {
            if (!isExact(field.type())) {
                return Optional.of("its column " + field.name() + " has type " + field.type());
            }
            if (field.initialDefault() != null) {
                return Optional.of("its column " + field.name() + " has a default for earlier rows");
            }
        }
        return Optional.empty();
    }

    private static boolean isExact(Type type) {
        if (type.typeId() == Type.TypeID.FIXED) {
            return false;
        }
        try {
            DuckDbTypes.of(type);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// The files of a group that can be rewritten without loss.
    ///
    /// @param obstacles takes the location of each other file, and why
    RewriteGroup rewritable(BaseTable table, RewriteGroup group, Map<String, String> obstacles) {
        List<DataFile> files = new ArrayList<>();
        for (DataFile file : group.files()) {
            FileShape.obstacle(table.io().newInputFile(file.location()), table.schema())
                    .ifPresentOrElse(reason -> obstacles.put(file.location(), reason), () -> files.add(file));
        }
        return new RewriteGroup(group.path(), files);
    }

    /// @param runId a new one: no attempt writes over another's file
    /// @param part of the run
    /// @throws MaintenanceException where the engine or storage fails, or the new file has not exactly the
    ///     rows of the old ones; it is left behind then, and nobody names it
    DataFile write(BaseTable table, String name, RewriteGroup group, String runId, int part) {
        return write(table, name, group, "", group.rows(), runId, part);
    }

    /// The same, without some of the rows.
    ///
    /// @param removed an SQL predicate; true of the rows that are left out
    /// @param kept how many rows the new file is to have, at least one
    /// @throws MaintenanceException as above
    public DataFile writeWithout(
            BaseTable table, String name, RewriteGroup group, String removed, long kept, String runId, int part) {
        return write(table, name, group, " WHERE (" + removed + ") IS NOT TRUE", kept, runId, part);
    }

    private DataFile write(
            BaseTable table, String name, RewriteGroup group, String where, long rows, String runId, int part) {
        ParquetTable source = new ParquetTable(name, table.schema(), group.locations());
        try (EngineFiles target = EngineFiles.of(table, staging);
                BorrowedFiles sources = copies.borrow(table.io(), group.locations())) {
            Path path = target.path(place(name, group, runId, part));
            copy(
                    source.withFiles(
                            location -> LocalFileIO.path(sources.path(location)).toString()),
                    table,
                    where,
                    path);
            DataFile written = WrittenFiles.toDataFile(
                    target.keep(path, table.spec().isUnpartitioned() ? null : group.partition()), table.spec());
            RewriteCheck.requireRows(name, group, rows, written);
            return written;
        } catch (SQLException | IOException | CopyFailure e) {
            throw new MaintenanceException(
                    CatalogError.REWRITE_FAILED,
                    "%d files of %s were not rewritten: %s"
                            .formatted(group.files().size(), name, e.getMessage()),
                    e);
        }
    }

    /// Files of the raw layer lie in the folder of their partition, as landing's do.
    private static String place(String name, RewriteGroup group, String runId, int part) {
        boolean raw =
                name.startsWith(Layer.RAW.namespace() + ".") && !group.path().isEmpty();
        return "%s/run_id=%s/part-%04d.parquet".formatted(raw ? group.path() : "data", runId, part);
    }

    /// @param source of local files
    private void copy(ParquetTable source, BaseTable table, String where, Path target) throws SQLException {
        List<Path> readable = new ArrayList<>(engine.readable());
        readable.add(target.getParent());
        source.files().forEach(file -> readable.add(Path.of(file).getParent()));
        DuckDbSettings settings = new DuckDbSettings(
                engine.memoryMegabytes(),
                engine.threads(),
                engine.temporaryDirectory(),
                readable.stream().distinct().toList());
        String sql =
                "COPY (SELECT * FROM %s%s) TO %s (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '%s', FIELD_IDS %s)"
                        .formatted(
                                LakeSession.relation(source),
                                where,
                                LakeSession.literal(target.toString()),
                                ROW_GROUP_BYTES,
                                FieldIds.of(table.schema()));
        try (LakeSession session = LakeSession.open(settings, List.of());
                Statement statement = session.connection().createStatement()) {
            statement.execute(sql);
        }
    }
}
