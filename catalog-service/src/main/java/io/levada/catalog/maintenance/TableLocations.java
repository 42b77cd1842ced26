package io.levada.catalog.maintenance;

import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;

/// The tables of a catalog with the places where they lie.
///
/// @param tables by name
/// @param places all locations of tables and views, without a slash at the end
public record TableLocations(Map<String, Entry> tables, Set<String> places) {
    /// What is kept of a table; its metadata may be large.
    ///
    /// @param metadata the newest metadata file
    public record Entry(String location, String metadata, FileIO io) {
        static Entry of(BaseTable table) {
            return new Entry(table.location(), table.operations().current().metadataFileLocation(), table.io());
        }
    }

    /// The content ids of each table's snapshots that other tables follow from.
    static Map<String, Set<Long>> inputs(Catalog catalog, List<String> names) {
        Map<String, Set<Long>> inputs = new HashMap<>();
        for (String name : names) {
            try {
                catalog.loadTable(LakeCatalog.identifier(name)).properties().forEach((key, value) -> {
                    if (key.startsWith(TableProperties.INPUT)) {
                        inputs.computeIfAbsent(key.substring(TableProperties.INPUT.length()), _ -> new HashSet<>())
                                .add(Long.parseLong(value));
                    }
                });
            } catch (NoSuchTableException _) {
                // dropped meanwhile: it follows from nothing
            }
        }
        return inputs;
    }

    /// The names of all tables.
    public static List<String> names(Catalog catalog) {
        List<String> names = new ArrayList<>();
        for (Namespace namespace : ((SupportsNamespaces) catalog).listNamespaces()) {
            catalog.listTables(namespace).forEach(id -> names.add(namespace + "." + id.name()));
        }
        return names.stream().sorted().toList();
    }

    /// @param each takes every table with its metadata, one at a time
    static TableLocations of(Catalog catalog, BiConsumer<String, BaseTable> each) {
        Map<String, Entry> tables = new TreeMap<>();
        Set<String> places = new HashSet<>();
        for (String name : names(catalog)) {
            try {
                BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
                each.accept(name, table);
                tables.put(name, Entry.of(table));
                places.add(place(table.location()));
            } catch (NoSuchTableException _) {
                // dropped meanwhile
            }
        }
        if (catalog instanceof ViewCatalog views) {
            for (Namespace namespace : ((SupportsNamespaces) catalog).listNamespaces()) {
                views.listViews(namespace)
                        .forEach(id -> places.add(place(views.loadView(id).location())));
            }
        }
        return new TableLocations(tables, places);
    }

    /// A location as this compares them: without a scheme for local files, and without a slash at the end.
    public static String place(String location) {
        String place = NameFilter.normal(location);
        while (place.endsWith("/")) {
            place = place.substring(0, place.length() - 1);
        }
        return place;
    }

    /// Whether another table or view lies in a table's folder, around a file.
    boolean isOthers(String file, String own) {
        return places.stream()
                .anyMatch(place -> !place.equals(own) && place.startsWith(own + "/") && file.startsWith(place + "/"));
    }

    /// How many tables lie exactly there.
    long tablesAt(String place) {
        return tables.values().stream()
                .filter(table -> place(table.location()).equals(place))
                .count();
    }

    /// Whether anything lies at a place, in it or around it.
    boolean touches(String place) {
        return places.stream()
                .anyMatch(
                        other -> other.equals(place) || other.startsWith(place + "/") || place.startsWith(other + "/"));
    }
}
