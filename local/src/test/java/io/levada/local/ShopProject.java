package io.levada.local;

import io.levada.testing.EmbeddedPostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The project whose tables [ShopProof] compares with their sources, which [ShopWorkload] writes to: a database, a
/// folder, a curated table, and loads into the warehouse.
///
/// @param folder with `levada.yaml`
record ShopProject(Path folder) {
    /// The database in PostgreSQL, and the source's name.
    static final String DATABASE = "shop";

    /// @param settings more keys of the top level, as YAML
    static ShopProject write(Path directory, String name, EmbeddedPostgresServer postgres, String settings)
            throws IOException {
        ShopProject project = new ShopProject(Files.createDirectories(directory.resolve("project")));
        Files.createDirectories(project.inbox());
        Files.writeString(
                project.folder.resolve("notes.sql"),
                "SELECT note, count(*) AS items FROM stage.shop_item GROUP BY note");
        Files.writeString(project.folder.resolve("levada.yaml"), """
                project: %s
                flush: 1s
                %ssources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item, line, event, idle, empty]
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                tables:
                  curated.notes:
                    sql: notes.sql
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                    shop.line: {from: stage.shop_line, key: [a, b]}
                """.formatted(
                        name, settings, postgres.url(DATABASE), postgres.user(), postgres.password()));
        return project;
    }

    /// Where files are dropped.
    Path inbox() {
        return folder.resolve("inbox");
    }
}
