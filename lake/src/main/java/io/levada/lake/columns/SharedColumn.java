package io.levada.lake.columns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriteStore;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// A column whose rows all have the same value, or none: one page for a row group, of one run.
final class SharedColumn {
    private static final int NO_BITS = 0;

    private final ColumnDescriptor leaf;
    private final @Nullable Object value;
    private @Nullable PageWriter pages;

    /// @param value a string, a number, or null
    SharedColumn(ColumnDescriptor leaf, @Nullable Object value) {
        this.leaf = leaf;
        this.value = value;
    }

    void start(PageWriteStore store) {
        pages = store.getPageWriter(leaf);
    }

    void encode(long rows) throws IOException {
        int count = Math.toIntExact(rows);
        PageWriter writer = java.util.Objects.requireNonNull(pages);
        Statistics<?> statistics = Statistics.createStats(leaf.getPrimitiveType());
        BytesInput values = BytesInput.empty();
        if (value == null) {
            statistics.incrementNumNulls(rows);
        } else {
            writer.writeDictionaryPage(new DictionaryPage(single(value, statistics), 1, Encoding.PLAIN_DICTIONARY));
            values = BytesInput.concat(
                    BytesInput.from(new byte[] {NO_BITS}), BytesInput.from(Levels.run(0, NO_BITS, rows)));
        }
        int level = value == null ? 0 : leaf.getMaxDefinitionLevel();
        writer.writePage(
                BytesInput.concat(
                        Levels.same(0, leaf.getMaxRepetitionLevel(), rows),
                        Levels.same(level, leaf.getMaxDefinitionLevel(), rows),
                        values),
                count,
                count,
                statistics,
                leaf.getMaxRepetitionLevel() == 0 ? Encoding.BIT_PACKED : Encoding.RLE,
                leaf.getMaxDefinitionLevel() == 0 ? Encoding.BIT_PACKED : Encoding.RLE,
                value == null ? Encoding.PLAIN : Encoding.PLAIN_DICTIONARY);
    }

    private BytesInput single(Object shared, Statistics<?> statistics) {
        PrimitiveTypeName physical = leaf.getPrimitiveType().getPrimitiveTypeName();
        return switch (shared) {
            case String text
            when physical == PrimitiveTypeName.BINARY -> {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                statistics.updateStats(Binary.fromConstantByteArray(utf8));
                yield BytesInput.concat(BytesInput.fromInt(utf8.length), BytesInput.from(utf8));
            }
            case Number number
            when physical == PrimitiveTypeName.INT32 -> {
                statistics.updateStats(number.intValue());
                yield BytesInput.fromInt(number.intValue());
            }
            case Number number
            when physical == PrimitiveTypeName.INT64 -> {
                statistics.updateStats(number.longValue());
                yield BytesInput.from(ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(number.longValue())
                        .array());
            }
            default ->
                throw new IllegalArgumentException(
                        "A " + shared.getClass().getSimpleName() + " is not shared as " + physical);
        };
    }
}
