package io.levada.lake.columns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.iceberg.FieldMetrics;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriteStore;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.jspecify.annotations.Nullable;

/// A column without nesting: the values of the rows that are not yet a page, and the dictionary of the row group.
///
/// Whether a row group has a dictionary is decided by its first page: where it does not make that page smaller, the
/// values stand for themselves. It ends where it would become too large.
abstract sealed class FlatColumn extends ValueColumn permits NumberColumn, BytesColumn {
    static final int MOST_DICTIONARY_BYTES = 1024 * 1024;

    /// Little, as thousands of files may be open with few rows each.
    static final int FIRST_ROWS = 16;

    final ColumnDescriptor leaf;
    private final int pageRows;
    private boolean[] nulls = new boolean[FIRST_ROWS];
    private int rows;
    private int nullCount;
    private @Nullable PageWriter pages;
    private boolean dictionaryEnded;
    private int dictionarySize;

    FlatColumn(ColumnDescriptor leaf, int pageRows) {
        this.leaf = leaf;
        this.pageRows = pageRows;
    }

    @Override
    public final void addNull() {
        if (leaf.getMaxDefinitionLevel() == 0) {
            throw new IllegalStateException("Column " + leaf.getPath()[0] + " is required");
        }
        took(true);
        nullCount++;
    }

    /// Counts a row that has a value.
    final void defined() {
        took(false);
    }

    private void took(boolean isNull) {
        if (rows == nulls.length) {
            nulls = Arrays.copyOf(nulls, grown(rows));
        }
        nulls[rows++] = isNull;
    }

    /// How many values an array holds next that held so many.
    final int grown(int from) {
        return Math.max(from + 1, Math.min(pageRows, from * 2));
    }

    final int values() {
        return rows - nullCount;
    }

    final int nulls() {
        return nullCount;
    }

    final void start(PageWriteStore store) {
        pages = store.getPageWriter(leaf);
        dictionaryEnded = !hasDictionaries();
        dictionarySize = 0;
        clearDictionary();
    }

    /// Makes the rows a page.
    final void encode(int expectedRows) {
        if (rows != expectedRows) {
            throw new IllegalStateException(
                    "Column " + leaf.getPath()[0] + " has " + rows + " values for " + expectedRows + " rows");
        }
        try {
            Statistics<?> statistics = Statistics.createStats(leaf.getPrimitiveType());
            statistics.incrementNumNulls(nullCount);
            BytesInput indexes = indexes();
            addTo(statistics);
            writer().writePage(
                            BytesInput.from(BytesInput.concat(levels(), indexes == null ? plain() : indexes)
                                    .toByteArray()),
                            rows,
                            rows,
                            statistics,
                            Encoding.BIT_PACKED,
                            leaf.getMaxDefinitionLevel() == 0 ? Encoding.BIT_PACKED : Encoding.RLE,
                            indexes == null ? Encoding.PLAIN : Encoding.PLAIN_DICTIONARY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rows = 0;
        nullCount = 0;
        clear();
    }

    private BytesInput levels() throws IOException {
        return nullCount == 0 || nullCount == rows
                ? Levels.same(nullCount == 0 ? 1 : 0, leaf.getMaxDefinitionLevel(), rows)
                : Levels.defined(nulls, rows);
    }

    /// The values' places in the dictionary; null where they stand for themselves.
    private @Nullable BytesInput indexes() throws IOException {
        int count = values();
        if (dictionaryEnded || count == 0) {
            return null;
        }
        int[] places = new int[count];
        int size = look(places, MOST_DICTIONARY_BYTES);
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, size - 1));
        boolean pays = size >= 0
                && (dictionarySize > 0 || dictionaryBytes(size) + (long) count * bits / Byte.SIZE < plainBytes());
        if (!pays) {
            dictionaryEnded = true;
            if (dictionarySize == 0) {
                clearDictionary();
            }
            return null;
        }
        dictionarySize = size;
        try (RunLengthBitPackingHybridEncoder encoder = new RunLengthBitPackingHybridEncoder(
                bits, 64 + count / 2, MOST_DICTIONARY_BYTES, HeapByteBufferAllocator.getInstance())) {
            for (int place : places) {
                encoder.writeInt(place);
            }
            return BytesInput.concat(BytesInput.from(new byte[] {(byte) bits}), BytesInput.copy(encoder.toBytes()));
        }
    }

    /// Ends the row group.
    final void end() {
        if (dictionarySize > 0) {
            try {
                writer().writeDictionaryPage(new DictionaryPage(
                        dictionary(dictionarySize), dictionarySize, Encoding.PLAIN_DICTIONARY));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private PageWriter writer() {
        return java.util.Objects.requireNonNull(pages);
    }

    final long encodedBytes() {
        return writer().getMemSize() + dictionaryBytes(dictionarySize);
    }

    /// Parquet's statistics leave some things out that Iceberg's metrics have.
    Stream<FieldMetrics<?>> metrics() {
        return Stream.empty();
    }

    abstract boolean hasDictionaries();

    /// Finds the values in the dictionary, or puts them there.
    ///
    /// @param most bytes of a dictionary
    /// @return entries of the dictionary then, or a negative number where it would become too large
    abstract int look(int[] places, int most);

    abstract BytesInput dictionary(int entries);

    abstract long dictionaryBytes(int entries);

    abstract void clearDictionary();

    abstract long plainBytes();

    /// The values one after the other.
    abstract BytesInput plain();

    /// Tells the smallest and the largest of the values.
    abstract void addTo(Statistics<?> statistics);

    /// Forgets the values.
    abstract void clear();
}
