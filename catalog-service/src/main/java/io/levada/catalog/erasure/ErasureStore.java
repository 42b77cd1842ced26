package io.levada.catalog.erasure;

import io.levada.catalog.maintenance.TableLocations;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import tools.jackson.databind.json.JsonMapper;

/// Keeps orders as properties of the tables that they are about.
final class ErasureStore {
    /// When the last erasure of a table was done.
    private static final String LAST = "levada.erased-at";

    private static final String MOST_OLD_METADATA = org.apache.iceberg.TableProperties.METADATA_PREVIOUS_VERSIONS_MAX;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String FORGOTTEN = "done ";

    private final Catalog catalog;
    private final Clock clock;

    ErasureStore(Catalog catalog, Clock clock) {
        this.catalog = catalog;
        this.clock = clock;
    }

    /// All orders that are not done.
    List<Erasure> open() {
        List<Erasure> open = new ArrayList<>();
        for (String name : TableLocations.names(catalog)) {
            try {
                Table table = catalog.loadTable(LakeCatalog.identifier(name));
                for (Map.Entry<String, String> entry :
                        Map.copyOf(table.properties()).entrySet()) {
                    if (entry.getKey().startsWith(TableProperties.ERASURE)) {
                        if (entry.getValue().startsWith(FORGOTTEN)) {
                            finish(table, entry.getKey(), entry.getValue());
                        } else {
                            open.add(JSON.readValue(entry.getValue(), Erasure.class));
                        }
                    }
                }
            } catch (NoSuchTableException _) {
                // dropped meanwhile, with its orders
            }
        }
        return open;
    }

    /// An order as it is kept; empty where it is done.
    Optional<Erasure> find(Erasure erasure) {
        return Optional.ofNullable(table(erasure).properties().get(property(erasure)))
                .filter(text -> !text.startsWith(FORGOTTEN))
                .map(text -> JSON.readValue(text, Erasure.class));
    }

    void save(Erasure erasure) {
        table(erasure)
                .updateProperties()
                .set(property(erasure), JSON.writeValueAsString(erasure))
                .commit();
    }

    /// Forgets an order, and the table's older metadata files, which tell of it. What is left in its place until
    /// the last of these commits tells how many older metadata files the table keeps otherwise.
    void forget(Erasure erasure) {
        Table table = table(erasure);
        String most = FORGOTTEN + table.properties().getOrDefault(MOST_OLD_METADATA, "");
        table.updateProperties()
                .set(property(erasure), most)
                .set(org.apache.iceberg.TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true")
                .set(MOST_OLD_METADATA, "1")
                .commit();
        finish(table, property(erasure), most);
    }

    private void finish(Table table, String property, String forgotten) {
        // Of the log of metadata, the commit before leaves the file with the order, and this one the file without it.
        table.updateProperties().set(LAST, clock.instant().toString()).commit();
        String most = forgotten.substring(FORGOTTEN.length());
        UpdateProperties last = table.updateProperties().remove(property);
        if (most.isEmpty()) {
            last.remove(MOST_OLD_METADATA);
        } else {
            last.set(MOST_OLD_METADATA, most);
        }
        last.commit();
    }

    private Table table(Erasure erasure) {
        return catalog.loadTable(LakeCatalog.identifier(erasure.order().table()));
    }

    private static String property(Erasure erasure) {
        return TableProperties.ERASURE + erasure.order().id();
    }
}
