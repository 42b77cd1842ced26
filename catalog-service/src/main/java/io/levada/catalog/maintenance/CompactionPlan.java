package io.levada.catalog.maintenance;

import io.levada.definition.MaintenanceSettings;
import io.levada.events.Layer;
import io.levada.events.RawColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Chooses the small files of a table that are worth one larger file.
///
/// Files are packed within a partition, in the order in which they were committed, until the target size is reached. A
/// group counts where it has enough files, or where it makes a file that is not looked at again. At most
/// [#MOST_FILES] files are held in memory; what is more comes with the next plan.
final class CompactionPlan {
    static final int MOST_FILES = 10_000;

    private static final double SMALL = 0.75;

    private final BaseTable table;
    private final String name;
    private final MaintenanceSettings.Compaction settings;
    private final LocalDate today;
    private final Set<String> leftAlone;

    /// @param today in UTC: raw files of this day are still written
    /// @param leftAlone locations of files that can not be rewritten
    CompactionPlan(
            BaseTable table,
            String name,
            MaintenanceSettings.Compaction settings,
            LocalDate today,
            Set<String> leftAlone) {
        this.table = table;
        this.name = name;
        this.settings = settings;
        this.today = today;
        this.leftAlone = leftAlone;
    }

    /// Number and bytes of the small files of a partition.
    private record Tally(int files, long bytes) {
        Tally and(DataFile file) {
            return new Tally(files + 1, bytes + file.fileSizeInBytes());
        }
    }

    List<RewriteGroup> groups() {
        Map<String, Tally> tallies = new TreeMap<>();
        eachCandidate(
                file -> tallies.merge(path(file), new Tally(1, file.fileSizeInBytes()), (tally, _) -> tally.and(file)));
        tallies.values().removeIf(tally -> !worthwhile(tally.files(), tally.bytes()));
        int taken = 0;
        Map<String, List<DataFile>> chosen = new TreeMap<>();
        for (Map.Entry<String, Tally> partition : tallies.entrySet()) {
            if (taken < MOST_FILES) {
                chosen.put(partition.getKey(), new ArrayList<>());
                taken += partition.getValue().files();
            }
        }
        int[] left = {MOST_FILES};
        if (!chosen.isEmpty()) {
            eachCandidate(file -> {
                List<DataFile> files = chosen.get(path(file));
                if (files != null && left[0]-- > 0) {
                    files.add(file.copyWithoutStats());
                }
            });
        }
        return chosen.entrySet().stream()
                .flatMap(partition -> packed(partition.getKey(), partition.getValue()).stream())
                .toList();
    }

    private List<RewriteGroup> packed(String path, List<DataFile> files) {
        files.sort(Comparator.comparing(CompactionPlan::sequence).thenComparing(DataFile::location));
        List<RewriteGroup> groups = new ArrayList<>();
        List<DataFile> group = new ArrayList<>();
        long bytes = 0;
        for (DataFile file : files) {
            if (bytes + file.fileSizeInBytes() > settings.targetFileBytes() && !group.isEmpty()) {
                groups.add(new RewriteGroup(path, group));
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(file);
            bytes += file.fileSizeInBytes();
        }
        if (!group.isEmpty()) {
            groups.add(new RewriteGroup(path, group));
        }
        return groups.stream()
                .filter(whole -> worthwhile(whole.files().size(), whole.bytes()))
                .toList();
    }

    private static long sequence(DataFile file) {
        Long number = file.dataSequenceNumber();
        return number == null ? 0 : number;
    }

    boolean worthwhile(int files, long bytes) {
        return files >= settings.minInputFiles() || files > 1 && bytes >= smallBytes();
    }

    private long smallBytes() {
        return (long) (SMALL * settings.targetFileBytes());
    }

    /// Reads the manifests; the files given are not to be kept without a copy.
    private void eachCandidate(java.util.function.Consumer<DataFile> each) {
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                if (task.deletes().isEmpty() && isCandidate(task.file())) {
                    each.accept(task.file());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + name + " can not be listed", e);
        }
    }

    private boolean isCandidate(DataFile file) {
        return file.fileSizeInBytes() < smallBytes()
                && file.format() == FileFormat.PARQUET
                && file.keyMetadata() == null
                && file.specId() == table.spec().specId()
                && !leftAlone.contains(file.location())
                && isClosed(file);
    }

    /// Whether nothing is written to the file's partition any more, where that is known.
    private boolean isClosed(DataFile file) {
        Integer day = ingestionDay(file);
        return day == null || day < today.toEpochDay();
    }

    private @Nullable Integer ingestionDay(DataFile file) {
        PartitionSpec spec = table.spec();
        for (int i = 0; Layer.RAW == layer() && i < spec.fields().size(); i++) {
            PartitionField field = spec.fields().get(i);
            if (field.transform().isIdentity()
                    && RawColumns.INGESTION_DATE.equals(table.schema().findColumnName(field.sourceId()))
                    && spec.partitionType().fields().get(i).type().equals(Types.DateType.get())) {
                return file.partition().get(i, Integer.class);
            }
        }
        return null;
    }

    private @Nullable Layer layer() {
        return name.startsWith(Layer.RAW.namespace() + ".") ? Layer.RAW : null;
    }

    private String path(DataFile file) {
        return table.spec().isUnpartitioned() ? "" : table.spec().partitionToPath(file.partition());
    }

    /// Why files are left alone although they are small, where there are such; for the report.
    Optional<String> leftOver() {
        long[] counts = new long[3];
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                if (file.fileSizeInBytes() < smallBytes()) {
                    counts[0] += task.deletes().isEmpty() ? 0 : 1;
                    counts[1] += file.format() == FileFormat.PARQUET ? 0 : 1;
                    counts[2] += file.specId() == table.spec().specId() ? 0 : 1;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + name + " can not be listed", e);
        }
        List<String> reasons = new ArrayList<>();
        add(reasons, counts[0], "with deleted rows");
        add(reasons, counts[1], "that are not Parquet");
        add(reasons, counts[2], "of an earlier partitioning");
        return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", reasons));
    }

    private static void add(List<String> reasons, long count, String what) {
        if (count > 0) {
            reasons.add(Objects.toString(count) + " files " + what);
        }
    }
}
