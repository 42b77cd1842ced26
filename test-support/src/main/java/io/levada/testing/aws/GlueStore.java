package io.levada.testing.aws;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Databases and tables as AWS documents Glue's operations on them: names fold to lower case, a table's version is
/// compared where the request gives one, an update archives the version before unless told not to, a database is
/// deleted with its tables, and lists come in pages.
final class GlueStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LARGEST_PAGE = 100;
    private static final String ACCOUNT = "000000000000";

    private final NavigableMap<String, ObjectNode> databases = new TreeMap<>();
    /// By `database/table`.
    private final NavigableMap<String, StoredTable> tables = new TreeMap<>();
    private int mostArchivedVersions = 100_000;

    private static final class StoredTable {
        private ObjectNode input;
        private long version;
        private final List<ObjectNode> archived = new ArrayList<>();

        StoredTable(ObjectNode input) {
            this.input = input;
        }
    }

    synchronized void mostArchivedVersions(int most) {
        mostArchivedVersions = most;
    }

    /// @throws GlueRefusal as Glue refuses it
    synchronized JsonNode carryOut(String operation, JsonNode request) {
        return switch (operation) {
            case "CreateDatabase" -> createDatabase(request.path("DatabaseInput"));
            case "GetDatabase" -> object("Database", database(request.path("Name")));
            case "GetDatabases" -> page(request, "DatabaseList", databases);
            case "UpdateDatabase" -> updateDatabase(request);
            case "DeleteDatabase" -> deleteDatabase(request);
            case "CreateTable" -> createTable(request);
            case "GetTable" -> object("Table", description(tableKey(request), table(request)));
            case "GetTables" -> getTables(request);
            case "UpdateTable" -> updateTable(request);
            case "DeleteTable" -> deleteTable(request);
            case "GetTableVersions" -> tableVersions(request);
            default -> throw new GlueRefusal("UnknownOperationException", 400, operation + " is not built here");
        };
    }

    private JsonNode createDatabase(JsonNode input) {
        String name = folded(input.path("Name"));
        if (databases.containsKey(name)) {
            throw GlueRefusal.of("AlreadyExistsException", "Database already exists.");
        }
        databases.put(name, databaseOf(name, input));
        return JSON.createObjectNode();
    }

    private static ObjectNode databaseOf(String name, JsonNode input) {
        ObjectNode database = (ObjectNode) input.deepCopy();
        database.put("Name", name);
        database.put("CatalogId", ACCOUNT);
        return database;
    }

    private ObjectNode database(JsonNode name) {
        ObjectNode database = databases.get(folded(name));
        if (database == null) {
            throw GlueRefusal.of("EntityNotFoundException", "Database " + folded(name) + " not found.");
        }
        return database;
    }

    private JsonNode updateDatabase(JsonNode request) {
        database(request.path("Name"));
        String name = folded(request.path("Name"));
        databases.put(name, databaseOf(name, request.path("DatabaseInput")));
        return JSON.createObjectNode();
    }

    private JsonNode deleteDatabase(JsonNode request) {
        database(request.path("Name"));
        String name = folded(request.path("Name"));
        databases.remove(name);
        tables.keySet().removeIf(key -> key.startsWith(name + "/"));
        return JSON.createObjectNode();
    }

    private JsonNode createTable(JsonNode request) {
        database(request.path("DatabaseName"));
        ObjectNode input = (ObjectNode) request.path("TableInput").deepCopy();
        String name = folded(input.path("Name"));
        input.put("Name", name);
        String key = folded(request.path("DatabaseName")) + "/" + name;
        if (tables.containsKey(key)) {
            throw GlueRefusal.of("AlreadyExistsException", "Table already exists.");
        }
        tables.put(key, new StoredTable(input));
        return JSON.createObjectNode();
    }

    private static String tableKey(JsonNode request) {
        JsonNode name = request.has("TableName") ? request.path("TableName") : request.path("Name");
        return folded(request.path("DatabaseName")) + "/"
                + folded(name.isMissingNode() ? request.path("TableInput").path("Name") : name);
    }

    private StoredTable table(JsonNode request) {
        database(request.path("DatabaseName"));
        String key = tableKey(request);
        StoredTable table = tables.get(key);
        if (table == null) {
            throw GlueRefusal.of(
                    "EntityNotFoundException", "Table " + key.substring(key.indexOf('/') + 1) + " not found.");
        }
        return table;
    }

    private static ObjectNode description(String key, StoredTable table) {
        ObjectNode description = table.input.deepCopy();
        description.put("DatabaseName", key.substring(0, key.indexOf('/')));
        description.put("CatalogId", ACCOUNT);
        description.put("VersionId", Long.toString(table.version));
        description.put("IsRegisteredWithLakeFormation", false);
        return description;
    }

    private JsonNode getTables(JsonNode request) {
        database(request.path("DatabaseName"));
        String prefix = folded(request.path("DatabaseName")) + "/";
        NavigableMap<String, ObjectNode> listed = new TreeMap<>();
        tables.forEach((key, table) -> {
            if (key.startsWith(prefix)) {
                listed.put(key.substring(prefix.length()), description(key, table));
            }
        });
        return page(request, "TableList", listed);
    }

    private JsonNode updateTable(JsonNode request) {
        StoredTable table = table(request);
        JsonNode version = request.path("VersionId");
        if (version.isString() && !version.asString().equals(Long.toString(table.version))) {
            throw GlueRefusal.of(
                    "ConcurrentModificationException", "Update table failed due to concurrent modifications.");
        }
        if (!request.path("SkipArchive").asBoolean(false)) {
            if (table.archived.size() >= mostArchivedVersions) {
                throw GlueRefusal.of(
                        "ResourceNumberLimitExceededException",
                        "Number of TABLE_VERSION resources exceeds the account" + " limit " + mostArchivedVersions);
            }
            table.archived.add(description(tableKey(request), table));
        }
        ObjectNode input = (ObjectNode) request.path("TableInput").deepCopy();
        input.put("Name", folded(input.path("Name")));
        table.input = input;
        table.version++;
        return JSON.createObjectNode();
    }

    private JsonNode deleteTable(JsonNode request) {
        table(request);
        tables.remove(tableKey(request));
        return JSON.createObjectNode();
    }

    private JsonNode tableVersions(JsonNode request) {
        StoredTable table = table(request);
        NavigableMap<String, ObjectNode> versions = new TreeMap<>();
        List<ObjectNode> all = new ArrayList<>(table.archived);
        all.add(description(tableKey(request), table));
        Map<String, Integer> order = new HashMap<>();
        for (ObjectNode version : all) {
            ObjectNode entry = JSON.createObjectNode();
            entry.set("Table", version);
            entry.set("VersionId", version.path("VersionId"));
            String key = "%05d".formatted(order.size());
            order.put(key, order.size());
            versions.put(key, entry);
        }
        return page(request, "TableVersions", versions);
    }

    /// As in Glue a page may be smaller than asked for, but never larger than 100.
    private static JsonNode page(JsonNode request, String member, NavigableMap<String, ObjectNode> all) {
        int size = request.path("MaxResults").asInt(LARGEST_PAGE);
        String after = request.path("NextToken").asString("");
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode list = answer.putArray(member);
        for (Map.Entry<String, ObjectNode> entry :
                all.tailMap(after, after.isEmpty()).entrySet()) {
            if (list.size() == size) {
                answer.put("NextToken", all.lowerKey(entry.getKey()));
                break;
            }
            list.add(entry.getValue());
        }
        return answer;
    }

    private static ObjectNode object(String name, JsonNode value) {
        ObjectNode object = JSON.createObjectNode();
        object.set(name, value);
        return object;
    }

    private static String folded(JsonNode name) {
        return name.asString().toLowerCase(Locale.ROOT);
    }
}
