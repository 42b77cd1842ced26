package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.crawl.CrawlReport.CrawledTable;
import io.levada.events.Layer;
import io.levada.lake.LakeLayout;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
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
    ///
    /// @param foreign files without an extension that are none of Parquet's
    private record Outcome(long registered, long known, long foreign, long rows, long bytes, Problems problems) {}

    /// @throws CrawlRefused where nothing below the location can be registered
    CrawlReport run() {
        Found found = Found.in(location, table, progress);
        report.problems(found.problems());
        found.texts().forEach((format, folders) -> folders.forEach(folder -> report.advise(format, folder)));
        report.ignored(found.ignored());
        try (Footers footers = new Footers(location)) {
            registerAll(found.sets(), footers);
        }
        if (report.isEmpty()) {
            report.problem(new CrawlProblem(
                    CatalogError.CRAWL_NOTHING_FOUND,
                    location.root(),
                    "There is no Parquet, CSV or JSON file"
                            + (report.ignored() == 0 ? "" : " among " + report.ignored())));
        }
        return report.build();
    }

    /// Once a bucket does not answer any more, the others are not tried.
    private void registerAll(List<DataSet> sets, Footers footers) {
        Set<String> names = new HashSet<>();
        CrawlRefused away = null;
        for (DataSet set : sets) {
            if (away != null) {
                refuse(set, away);
                continue;
            }
            progress.begins(set.table());
            try {
                if (!names.add(set.table())) {
                    throw new CrawlRefused(
                            CatalogError.CRAWL_TABLE_TAKEN,
                            "Another folder of this crawl is " + set.table() + " already");
                }
                register(set, footers);
            } catch (CrawlRefused e) {
                away = e.code() == CatalogError.CRAWL_STORAGE_AWAY ? e : null;
                if (away == null && isForeign(set, footers)) {
                    report.ignored(set.files().size());
                } else {
                    refuse(set, e);
                }
            }
        }
    }

    /// Whether a set of files that have no extension has no Parquet file at all.
    private static boolean isForeign(DataSet set, Footers footers) {
        if (set.files().stream().anyMatch(FoundFile::isNamedParquet)) {
            return false;
        }
        boolean[] foreign = {true};
        footers.forEach(set.files(), (_, read) -> foreign[0] &= read instanceof Footers.Read.Foreign);
        return foreign[0];
    }

    private void register(DataSet set, Footers footers) {
        Outcome outcome = attempts(set, footers);
        report.problems(outcome.problems());
        report.ignored(outcome.foreign());
        long left = set.files().size() - outcome.registered() - outcome.known() - outcome.foreign();
        if (outcome.registered() + outcome.known() + left == 0) {
            return;
        }
        report.table(new CrawledTable(
                set.table(), set.root(), outcome.registered(), outcome.known(), left, outcome.rows(), outcome.bytes()));
        if (outcome.registered() > 0) {
            announcer.announce(set.table());
            LOG.atInfo()
                    .addKeyValue("table", set.table())
                    .addKeyValue("location", set.root())
                    .addKeyValue("files", outcome.registered())
                    .log("Registered files in place");
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
                            CatalogError.CRAWL_STORAGE_AWAY,
                            "The files below " + set.root() + " could not be committed: " + e.getMessage());
                }
                progress.beginsAgain();
                LOG.atInfo()
                        .setCause(e)
                        .addKeyValue("table", set.table())
                        .log("A crawl's commit did not go through; the table is read again");
            } catch (UncheckedIOException e) {
                throw new CrawlRefused(
                        CatalogError.CRAWL_STORAGE_AWAY,
                        "The metadata of " + set.table() + " could not be read or written: " + CrawlLocation.words(e));
            }
        }
    }

    private Outcome attempt(DataSet set, Footers footers) {
        InPlaceTable before = InPlaceTable.load(catalog, set.table(), set.root());
        KnownFiles known = KnownFiles.of(before, set);
        Problems problems = new Problems();
        problems.addAll(known.problems());
        progress.inspected(known.count());
        Table existing = before.table();
        List<FoundFile> fresh = known.fresh();
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
            return new Outcome(0, known.count(), inspection.foreign(), 0, 0, problems);
        }
        createNamespace();
        Registration registration = new Registration(catalog, steps, progress, set.table(), layout.table(set.table()));
        registration.run(before, set.root(), columns, partitions, inspection.sound(), footers);
        problems.addAll(registration.problems());
        return new Outcome(
                registration.files(),
                known.count(),
                inspection.foreign(),
                registration.rows(),
                registration.bytes(),
                problems);
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
}
