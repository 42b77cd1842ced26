package io.levada.local;

import io.levada.testing.EmbeddedPostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The definition of ingest-service's part of the delivery test, to which sources are added while it runs: each a
/// database of its own with one table, `big`, that is written to during its load.
final class AddedSources {
    static final String SHOP = "shop";
    private static final int ROWS = 60_000;

    private final EmbeddedPostgresServer postgres;
    private final Path definition;
    private final List<String> names = new ArrayList<>();
    private int nextId = ROWS + 1;

    /// @param definition is written, with the sources known so far
    AddedSources(EmbeddedPostgresServer postgres, Path definition) {
        this.postgres = postgres;
        this.definition = definition;
    }

    /// A definition of the database `shop`, dropped files and the sources added so far.
    String sources() {
        StringBuilder yaml = new StringBuilder();
        append(yaml, SHOP, "item, line, event, idle, empty, probe, shape");
        names.forEach(name -> append(yaml, name, "big"));
        return yaml.toString();
    }

    private void append(StringBuilder yaml, String name, String tables) {
        yaml.append("""
                  %s:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [%s]
                """.formatted(name, postgres.url(name), postgres.user(), postgres.password(), tables));
    }

    /// Adds a source with a table of many rows.
    ///
    /// @return its name
    String add() throws SQLException, IOException {
        String name = "added" + (names.size() + 1);
        postgres.createDatabase(name);
        postgres.execute(
                name,
                "CREATE TABLE big (id int PRIMARY KEY, what text)",
                "INSERT INTO big SELECT g, 'row ' || g FROM generate_series(1, " + ROWS + ") g");
        String before = Files.readString(definition);
        String known = sources();
        names.add(name);
        Path next = definition.resolveSibling("levada.yaml.next");
        Files.writeString(next, before.replace(known, sources()));
        Files.move(next, definition, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return name;
    }

    /// Inserts a row.
    void change(String name) throws SQLException {
        postgres.execute(name, "INSERT INTO big VALUES (" + nextId++ + ", 'later') ON CONFLICT DO NOTHING");
    }

    List<String> names() {
        return List.copyOf(names);
    }
}
