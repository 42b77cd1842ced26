package io.levada.catalog.maintenance;

import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.commit.FencedException;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.util.PropertyUtil;

/// Makes few manifests of many small ones, so that a scan reads few files before it knows its own.
final class ManifestRewrite {
    /// With fewer small manifests there is little to gain; appends merge theirs at as many by themselves.
    private static final int MANY = 20;

    private final Catalog catalog;
    private final RewriteCommit commits;
    private final MaintenanceSteps steps;
    private final SnapshotAnnouncer announcer;

    ManifestRewrite(Catalog catalog, RewriteCommit commits, MaintenanceSteps steps, SnapshotAnnouncer announcer) {
        this.catalog = catalog;
        this.commits = commits;
        this.steps = steps;
        this.announcer = announcer;
    }

    /// @return how many manifests became fewer; 0 where nothing was done
    int rewrite(String name) {
        BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
        if (table.currentSnapshot() == null) {
            return 0;
        }
        long target = PropertyUtil.propertyAsLong(
                table.properties(),
                TableProperties.MANIFEST_TARGET_SIZE_BYTES,
                TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT);
        List<ManifestFile> small = table.currentSnapshot().dataManifests(table.io()).stream()
                .filter(manifest -> manifest.length() < target / 2)
                .toList();
        long bytes = small.stream().mapToLong(ManifestFile::length).sum();
        if (small.size() < MANY || small.size() < 2 * (bytes / target + 1)) {
            return 0;
        }
        try {
            commits.commit(
                    table,
                    LakeLayout.newRunId(),
                    fenced -> fenced.rewriteManifests()
                            .clusterBy(file -> file.partition().toString())
                            .rewriteIf(manifest -> manifest.length() < target / 2));
        } catch (FencedException | CommitFailedException _) {
            // Somebody else committed meanwhile: the next run looks again.
            return 0;
        }
        announcer.announce(name);
        steps.reached(MaintenanceStep.MANIFESTS_COMMITTED, name);
        return small.size();
    }
}
