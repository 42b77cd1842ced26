package io.levada.lake;

import io.levada.events.ColumnMetrics;
import io.levada.events.WrittenFile;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.jspecify.annotations.Nullable;

/// Iceberg's data files as control events carry them, and back.
public final class WrittenFiles {
    private WrittenFiles() {}

    /// The event's form of a data file of this partition spec.
    public static WrittenFile of(DataFile file, PartitionSpec spec) {
        return new WrittenFile(
                file.location(),
                file.fileSizeInBytes(),
                file.recordCount(),
                spec.isUnpartitioned() ? "" : PartitionPath.of(spec, file.partition()),
                new ColumnMetrics(
                        orEmpty(file.columnSizes()),
                        orEmpty(file.valueCounts()),
                        orEmpty(file.nullValueCounts()),
                        orEmpty(file.nanValueCounts()),
                        encode(file.lowerBounds()),
                        encode(file.upperBounds())),
                file.splitOffsets() == null ? List.of() : file.splitOffsets());
    }

    /// The data file that an event names.
    public static DataFile toDataFile(WrittenFile file, PartitionSpec spec) {
        ColumnMetrics metrics = file.metrics();
        DataFiles.Builder builder = DataFiles.builder(spec)
                .withPath(file.path())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(file.bytes())
                .withMetrics(new Metrics(
                        file.rows(),
                        metrics.columnSizes(),
                        metrics.valueCounts(),
                        metrics.nullValueCounts(),
                        metrics.nanValueCounts(),
                        decode(metrics.lowerBounds()),
                        decode(metrics.upperBounds())));
        if (!spec.isUnpartitioned()) {
            builder.withPartition(PartitionPath.parse(spec, file.partition()));
        }
        if (!file.splitOffsets().isEmpty()) {
            builder.withSplitOffsets(file.splitOffsets());
        }
        return builder.build();
    }

    /// Describes a closed Parquet file that another writer made with the table's field ids; metrics come from its
    /// footer.
    ///
    /// @param partition the file's partition values, or null for an unpartitioned table
    public static WrittenFile ofParquet(String location, Table table, @Nullable StructLike partition) {
        return ofParquet(table.io().newInputFile(location), location, table, partition);
    }

    /// Describes a closed Parquet file from a copy of it.
    ///
    /// @param location where the file is, or is to be
    /// @param partition the file's partition values, or null for an unpartitioned table
    public static WrittenFile ofParquet(InputFile input, String location, Table table, @Nullable StructLike partition) {
        return of(dataFile(input, location, table, partition), table.spec());
    }

    /// The same as Iceberg's data file.
    ///
    /// @param partition the file's partition values, or null for an unpartitioned table
    public static DataFile dataFile(String location, Table table, @Nullable StructLike partition) {
        return dataFile(table.io().newInputFile(location), location, table, partition);
    }

    private static DataFile dataFile(InputFile input, String location, Table table, @Nullable StructLike partition) {
        DataFiles.Builder builder = DataFiles.builder(table.spec())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(input.getLength())
                .withMetrics(ParquetUtil.fileMetrics(input, MetricsConfig.forTable(table)));
        if (partition != null) {
            builder.withPartition(partition);
        }
        return builder.build();
    }

    private static Map<Integer, Long> orEmpty(@Nullable Map<Integer, Long> map) {
        return map == null ? Map.of() : map;
    }

    private static Map<Integer, String> encode(@Nullable Map<Integer, ByteBuffer> bounds) {
        if (bounds == null) {
            return Map.of();
        }
        Map<Integer, String> encoded = new HashMap<>();
        bounds.forEach((id, bytes) -> {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            encoded.put(id, Base64.getEncoder().encodeToString(copy));
        });
        return encoded;
    }

    private static Map<Integer, ByteBuffer> decode(Map<Integer, String> bounds) {
        Map<Integer, ByteBuffer> decoded = new HashMap<>();
        bounds.forEach((id, text) ->
                decoded.put(id, ByteBuffer.wrap(Base64.getDecoder().decode(text))));
        return decoded;
    }
}
