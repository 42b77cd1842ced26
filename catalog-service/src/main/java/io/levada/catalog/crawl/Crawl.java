package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.crawl.CrawlReport.CrawledTable;
import io.levada.events.Layer;
import io.levada.lake.LakeLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Goes through a location once and registers what is new there.
///
/// A file that can not be read, or does not fit its table, is left out and named; the others are registered. Only where
/// a table is not there yet and the files contradict each other is none of them registered: which of them are right,
/// nobody but their owner knows. Files that are gone, or have another size than when they were registered, are named
/// and stay in the table: queries fail on them, and do not answer without their rows.
final class Crawl {
    private static final Logger LOG = LoggerFactory.getLogger(Crawl.class);
    private static final int ATTEMPTS = 5;

    private final Catalog catalog;
    private final LakeLayout layout;
    private final CommitSteps steps;
    private final SnapshotAnnouncer announcer;
    private final CrawlLocation location;
    private final @Nullable String table;
    private final Progress progress;
    private final CrawlReport.Builder report = new CrawlReport.Builder();

    /// @param table for all files together; null makes one of each folder that holds files or partitions
    Crawl(
            Catalog catalog,
            LakeLayout layout,
            CommitSteps steps,
            SnapshotAnnouncer announcer,
            CrawlLocation location,
            @Nullable String table,
            Progress progress) {
        this.catalog = catalog;
        this.layout = layout;
        this.steps = steps;
        this.announcer = announcer;
        this.location = location;
        this.table = table;
        this.progress = progress;
    }

    /// What came of one data set.
    private record Outcome(long registered, long known, long rows, long bytes, List<CrawlProblem> problems) {}

    CrawlReport run() {
        Found found = Found.in(location, table);
        found.problems().forEach(report::problem);
        found.texts().forEach((format, folders) -> folders.forEach(folder -> report.advise(format, folder)));
        progress.found(
                found.sets().stream().mapToLong(set -> set.files().size()).sum());
        if (found.sets().isEmpty()
                && found.texts().isEmpty()
                && found.problems().isEmpty()) {
            report.problem(new CrawlProblem(
                    CatalogError.CRAWL_NOTHING_FOUND,
                    location.root(),
                    "There is no Parquet, CSV or JSON file"
                            + (found.ignored() == 0 ? "" : " among " + found.ignored())));
        }
        Set<String> names = new HashSet<>();
        try (Footers footers = new Footers(location.io())) {
            for (DataSet set : found.sets()) {
                progress.begins(set.table());
                if (names.add(set.table())) {
                    register(set, footers);
                } else {
                    refuse(
                            set,
                            new CrawlRefused(
                                    CatalogError.CRAWL_TABLE_TAKEN,
                                    "Another folder of this crawl is " + set.table() + " already"));
                }
            }
        }
        return report.build(found.ignored());
    }

    private void register(DataSet set, Footers footers) {
        try {
            Outcome outcome = attempts(set, footers);
            outcome.problems().forEach(report::problem);
            report.table(new CrawledTable(
                    set.table(),
                    set.root(),
                    outcome.registered(),
                    outcome.known(),
                    set.files().size() - outcome.registered() - outcome.known(),
                    outcome.rows(),
                    outcome.bytes()));
            if (outcome.registered() > 0) {
                announcer.announce(set.table());
                LOG.atInfo()
                        .addKeyValue("table", set.table())
                        .addKeyValue("location", set.root())
                        .addKeyValue("files", outcome.registered())
                        .log("Registered files in place");
            }
        } catch (CrawlRefused e) {
            refuse(set, e);
        }
    }

    private void refuse(DataSet set, CrawlRefused refused) {
        report.problem(new CrawlProblem(refused.code(), set.root(), refused.detail()));
        report.table(new CrawledTable(set.table(), set.root(), 0, 0, set.files().size(), 0, 0));
    }

    /// Whatever came between, and where the outcome is not known, the table's files tell what is still to be
    /// done.
    private Outcome attempts(DataSet set, Footers footers) {
        for (int attempt = 1; true; attempt++) {
            try {
                return attempt(set, footers);
            } catch (CommitFailedException
                    | CommitStateUnknownException
                    | ValidationException
                    | AlreadyExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw new CrawlRefused(
                            CatalogError.STORAGE_UNAVAILABLE,
                            "The files below " + set.root() + " could not be committed: " + e.getMessage());
                }
                LOG.atInfo()
                        .setCause(e)
                        .addKeyValue("table", set.table())
                        .log("A crawl's commit did not go through; the table is read again");
            }
        }
    }

    private Outcome attempt(DataSet set, Footers footers) {
        InPlaceTable before = InPlaceTable.load(catalog, set.table(), set.root());
        List<CrawlProblem> problems = new ArrayList<>(Changes.of(before.files(), set));
        List<FoundFile> fresh = set.files().stream()
                .filter(file -> !before.files().containsKey(file.location()))
                .toList();
        long known = set.files().size() - fresh.size();
        progress.inspected(known);
        Table existing = before.table();
        Partitions partitions = existing == null
                ? Partitions.of(fresh, null, null)
                : Partitions.of(fresh, existing.spec(), existing.schema());
        problems.addAll(partitions.problems());
        MergedColumns columns = existing == null ? new MergedColumns() : columns(existing);
        Inspection inspection = new Inspection(columns, partitions.keys());
        footers.forEach(partitions.files(), (file, read) -> {
            inspection.look(file, read);
            progress.inspected(1);
        });
        problems.addAll(inspection.problems());
        if (inspection.sound().isEmpty() || existing == null && inspection.conflicts()) {
            return new Outcome(0, known, 0, 0, problems);
        }
        createNamespace();
        Registration registration = new Registration(catalog, steps, progress, set.table(), layout.table(set.table()));
        registration.run(before, set.root(), columns, partitions, inspection.sound(), footers);
        problems.addAll(registration.problems());
        return new Outcome(registration.files(), known, registration.rows(), registration.bytes(), problems);
    }

    /// The table's columns that are in files.
    private static MergedColumns columns(Table table) {
        Set<Integer> partitions = new HashSet<>();
        table.spec().fields().stream().map(PartitionField::sourceId).forEach(partitions::add);
        MergedColumns columns = new MergedColumns();
        columns.add(table.schema().columns().stream()
                .filter(field -> !partitions.contains(field.fieldId()))
                .toList());
        return columns;
    }

    private void createNamespace() {
        Namespace raw = Namespace.of(Layer.RAW.namespace());
        if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(raw)) {
            try {
                namespaces.createNamespace(raw);
            } catch (AlreadyExistsException _) {
                // another service was first
            }
        }
    }

    /// Files of a table that are not as they were.
    static final class Changes {
        private Changes() {}

        static List<CrawlProblem> of(Map<String, Long> known, DataSet set) {
            List<CrawlProblem> problems = new ArrayList<>();
            Set<String> there = new HashSet<>();
            for (FoundFile file : set.files()) {
                there.add(file.location());
                Long bytes = known.get(file.location());
                if (bytes != null && bytes != file.bytes()) {
                    problems.add(new CrawlProblem(
                            CatalogError.CRAWL_FILE_CHANGED,
                            file.location(),
                            "It has " + file.bytes() + " bytes, and had " + bytes + " when it was registered"));
                }
            }
            known.keySet().stream()
                    .filter(path -> path.startsWith(set.root() + "/") && !there.contains(path))
                    .sorted()
                    .forEach(path -> problems.add(new CrawlProblem(
                            CatalogError.CRAWL_FILE_GONE, path, "It is registered, and not there any more")));
            return problems;
        }
    }
}
