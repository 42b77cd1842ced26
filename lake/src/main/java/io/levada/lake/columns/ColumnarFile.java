package io.levada.lake.columns;

import io.levada.events.WrittenFile;
import io.levada.lake.PartitionPath;
import io.levada.lake.WrittenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// One Parquet file of one table and one partition, with the table's field ids, for writers of many rows whose values
/// are at hand as primitives and bytes.
///
/// Rows are collected by column and encoded a page at a time, so that the cost of a value is a store into an array
/// and one pass over it. What all rows share costs nothing for a row. Pages are always compressed with Zstandard.
///
/// The file is created, never overwritten; it is synced when it is closed. Not safe for use by several threads.
public final class ColumnarFile implements AutoCloseable {
    /// A column that each row gives.
    ///
    /// @param generic whether its values come in Iceberg's generic form, as those of lists and structs always do
    public record Column(String name, boolean generic) {}

    private static final int MOST_PAGE_ROWS = 20_000;
    private static final int FEWEST_PAGE_ROWS = 500;

    /// What the pages of all columns together take before they are encoded, about.
    private static final long UNENCODED_BYTES = 8L * 1024 * 1024;

    private final Table table;
    private final Schema schema;
    private final String location;
    private final String partitionPath;
    private final MessageType type;
    private final long rowGroupBytes;
    private final ZstdPages compressor;
    private final List<ValueColumn> columns = new ArrayList<>();
    private final List<FlatColumn> flat = new ArrayList<>();
    private final List<NestedColumn> nested = new ArrayList<>();
    private final List<SharedColumn> shared = new ArrayList<>();

    /// Stand for the nested columns in a row group that has no value of them.
    private final List<SharedColumn> absent = new ArrayList<>();

    private final int numberBytes;
    private final int pageRows;
    private final ParquetOutput output;
    private @Nullable ParquetFileWriter writer;
    private @Nullable ColumnChunkPageWriteStore pages;
    private @Nullable ColumnWriteStore nestedPages;
    private long encodedBytes;
    private long rows;
    private long groupRows;
    private int unencodedRows;
    private long unencodedBytes;
    private boolean pageFull;
    private boolean ended;
    private boolean closed;

    private ColumnarFile(
            Table table,
            String location,
            String partitionPath,
            Map<String, String> settings,
            List<Column> columns,
            Map<String, Object> shared) {
        this.table = table;
        this.schema = table.schema();
        this.location = location;
        this.output = new ParquetOutput(table.io().newOutputFile(location));
        this.partitionPath = partitionPath;
        this.type = ParquetSchemaUtil.convert(distinct(schema), "table");
        Map<String, String> properties = new HashMap<>(table.properties());
        properties.putAll(settings);
        this.rowGroupBytes = Long.parseLong(properties.getOrDefault(
                TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
                Integer.toString(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT)));
        this.compressor = new ZstdPages(properties.get(TableProperties.PARQUET_COMPRESSION_LEVEL));
        this.pageRows = (int) Math.clamp(
                UNENCODED_BYTES / (Long.BYTES * Math.max(1L, columns.size())), FEWEST_PAGE_ROWS, MOST_PAGE_ROWS);
        Map<String, ValueColumn> byName = new HashMap<>();
        for (Type field : type.getFields()) {
            Types.NestedField column = schema.findField(field.getId().intValue());
            List<ColumnDescriptor> leaves = type.getColumns().stream()
                    .filter(leaf -> leaf.getPath()[0].equals(field.getName()))
                    .toList();
            Column given = columns.stream()
                    .filter(each -> each.name().equals(column.name()))
                    .findFirst()
                    .orElse(null);
            if (given != null) {
                byName.put(column.name(), column(column, field, leaves, given.generic()));
            } else {
                Object value = shared.get(column.name());
                leaves.forEach(leaf -> this.shared.add(new SharedColumn(leaf, value)));
            }
        }
        for (Column given : columns) {
            ValueColumn column = byName.get(given.name());
            if (column == null) {
                throw new IllegalArgumentException("Table " + table.name() + " has no column " + given.name());
            }
            this.columns.add(column);
        }
        this.numberBytes = flat.size() * (Long.BYTES + 1);
    }

    /// The schema with names of its columns that stay distinct in the letters, digits and underscores that
    /// Iceberg writes them in.
    private static Schema distinct(Schema schema) {
        Set<String> taken = new HashSet<>();
        List<Types.NestedField> fields = new ArrayList<>();
        for (Types.NestedField field : schema.columns()) {
            String name = field.name();
            while (!taken.add(AvroSchemaUtil.makeCompatibleName(name))) {
                name += "_" + field.fieldId();
            }
            fields.add(Types.NestedField.from(field).withName(name).build());
        }
        return new Schema(fields);
    }

    /// Opens a file.
    ///
    /// @param partitionPath such as `ingestion_date=2026-11-21`; empty for an unpartitioned table
    /// @param settings Iceberg's write properties that replace the table's
    /// @param columns those that each row gives
    /// @param shared by name, the values that all rows share: strings, and numbers in Iceberg's internal
    ///     form; columns that are neither here nor in `columns` are NULL
    public static ColumnarFile create(
            Table table,
            String location,
            String partitionPath,
            Map<String, String> settings,
            List<Column> columns,
            Map<String, Object> shared) {
        return new ColumnarFile(table, location, partitionPath, settings, columns, shared);
    }

    private ValueColumn column(Types.NestedField column, Type field, List<ColumnDescriptor> leaves, boolean generic) {
        if (generic || !field.isPrimitive()) {
            NestedColumn made = new NestedColumn(column, field);
            nested.add(made);
            leaves.forEach(leaf -> absent.add(new SharedColumn(leaf, null)));
            return made;
        }
        ColumnDescriptor leaf = leaves.getFirst();
        FlatColumn made = switch (leaf.getPrimitiveType().getPrimitiveTypeName()) {
            case BOOLEAN, INT32, INT64, FLOAT, DOUBLE -> new NumberColumn(leaf, column.fieldId(), pageRows);
            case BINARY, FIXED_LEN_BYTE_ARRAY -> new BytesColumn(leaf, pageRows, this);
            case INT96 -> throw new IllegalArgumentException("Iceberg does not write INT96");
        };
        flat.add(made);
        return made;
    }

    /// The columns that each row gives, in the order of the opening. Between two calls of [#endRow()] each
    /// takes one value.
    public ValueColumn[] columns() {
        return columns.toArray(ValueColumn[]::new);
    }

    /// The schema that this file is written with.
    public Schema schema() {
        return schema;
    }

    /// All columns have the values of one more row.
    public void endRow() {
        if (!nested.isEmpty()) {
            endNested();
        }
        rows++;
        groupRows++;
        unencodedRows++;
        unencodedBytes += numberBytes;
        if (unencodedRows == pageRows || pageFull || unencodedBytes >= UNENCODED_BYTES) {
            encode();
            if (bytesInMemory() >= rowGroupBytes) {
                flushRowGroup();
            }
        }
    }

    /// Their writers take much memory from the first row on, so they begin with the first row that has a value.
    private void endNested() {
        boolean any = false;
        for (NestedColumn column : nested) {
            any |= column.hasValue();
        }
        ColumnWriteStore store = nestedPages;
        if (store == null) {
            if (!any) {
                return;
            }
            store = startNested();
            for (long row = 0; row < groupRows; row++) {
                nested.forEach(NestedColumn::writeNull);
                store.endRecord();
            }
        }
        nested.forEach(NestedColumn::write);
        store.endRecord();
    }

    private ColumnWriteStore startNested() {
        ColumnWriteStore store = ParquetProperties.builder()
                .build()
                .newColumnWriteStore(
                        new MessageType(
                                type.getName(),
                                nested.stream().map(NestedColumn::field).toList()),
                        rowGroup(),
                        rowGroup());
        nested.forEach(column -> column.start(store));
        nestedPages = store;
        return store;
    }

    /// A column has taken bytes.
    ///
    /// @param full whether they make a page
    void took(int bytes, boolean full) {
        unencodedBytes += bytes;
        pageFull |= full;
    }

    public long rows() {
        return rows;
    }

    /// Bytes written so far, those in memory estimated.
    public long bytes() {
        try {
            return (writer == null ? 0 : writer.getPos()) + (closed ? 0 : bytesInMemory() + unencodedBytes);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot tell the length of " + location, e);
        }
    }

    private long bytesInMemory() {
        return encodedBytes + (nestedPages == null ? 0 : nestedPages.getBufferedSize());
    }

    private void encode() {
        if (unencodedRows > 0) {
            rowGroup();
            flat.forEach(column -> column.encode(unencodedRows));
            encodedBytes = flat.stream().mapToLong(FlatColumn::encodedBytes).sum();
        }
        unencodedRows = 0;
        unencodedBytes = 0;
        pageFull = false;
    }

    /// The pages of the row group, begun with its first page: a file that is only open takes little memory.
    private ColumnChunkPageWriteStore rowGroup() {
        ColumnChunkPageWriteStore begun = pages;
        if (begun == null) {
            begun = new ColumnChunkPageWriteStore(
                    compressor,
                    type,
                    HeapByteBufferAllocator.getInstance(),
                    ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                    true);
            pages = begun;
            for (FlatColumn column : flat) {
                column.start(begun);
            }
            for (SharedColumn column : shared) {
                column.start(begun);
            }
            for (SharedColumn column : absent) {
                column.start(begun);
            }
        }
        return begun;
    }

    private void flushRowGroup() {
        encode();
        if (groupRows == 0) {
            return;
        }
        try {
            ParquetFileWriter file = writer == null ? open() : writer;
            file.startBlock(groupRows);
            flat.forEach(FlatColumn::end);
            for (SharedColumn column : shared) {
                column.encode(groupRows);
            }
            if (nestedPages == null) {
                for (SharedColumn column : absent) {
                    column.encode(groupRows);
                }
            } else {
                nestedPages.flush();
                nestedPages.close();
                nestedPages = null;
            }
            ColumnChunkPageWriteStore group = rowGroup();
            group.flushToFileWriter(file);
            group.close();
            file.endBlock();
            pages = null;
            groupRows = 0;
            encodedBytes = 0;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to " + location, e);
        }
    }

    private ParquetFileWriter open() throws IOException {
        ParquetFileWriter file = new ParquetFileWriter(
                output,
                type,
                ParquetFileWriter.Mode.CREATE,
                rowGroupBytes,
                0,
                ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
                true);
        writer = file;
        file.start();
        return file;
    }

    /// Closes and syncs the file.
    ///
    /// @throws IllegalStateException where no row was written: there is then no file
    public WrittenFile finish() {
        if (rows == 0) {
            throw new IllegalStateException("No row was written to " + location + ", so there is no file to offer");
        }
        try {
            flushRowGroup();
            ParquetFileWriter file = java.util.Objects.requireNonNull(writer);
            file.end(Map.of("iceberg.schema", SchemaParser.toJson(schema)));
            long length = file.getPos();
            ended = true;
            close();
            Stream<FieldMetrics<?>> metrics = Stream.concat(
                    flat.stream().flatMap(FlatColumn::metrics), nested.stream().flatMap(NestedColumn::metrics));
            DataFiles.Builder builder = DataFiles.builder(table.spec())
                    .withPath(location)
                    .withFormat(FileFormat.PARQUET)
                    .withFileSizeInBytes(length)
                    .withMetrics(ParquetUtil.footerMetrics(file.getFooter(), metrics, MetricsConfig.forTable(table)))
                    .withSplitOffsets(ParquetUtil.getSplitOffsets(file.getFooter()));
            if (!partitionPath.isEmpty()) {
                builder.withPartition(PartitionPath.parse(table.spec(), partitionPath));
            }
            return WrittenFiles.of(builder.build(), table.spec());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close " + location, e);
        }
    }

    /// Closes the file without offering it; what was written stays where it is, unreferenced. Nothing of it comes
    /// into a bucket.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!ended) {
            output.abandon();
        }
        compressor.release();
        try {
            if (nestedPages != null) {
                nestedPages.close();
            }
            if (pages != null) {
                pages.close();
            }
            if (writer != null) {
                writer.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close " + location, e);
        }
    }
}
