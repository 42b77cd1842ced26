package io.levada.definition;

import java.util.List;

/// A MariaDB or MySQL database whose changes are captured from the server's binary log.
///
/// @param url `jdbc:mariadb://host:port/database` or `jdbc:mysql://host:port/database`
/// @param tables in the file's order; a table's schema is its database
/// @param load how tables are read that are there at first
public record BinlogSource(
        String name,
        Product product,
        String url,
        String user,
        Secret password,
        List<SourceTable> tables,
        LoadSettings load)
        implements DatabaseSource {
    /// Which server it is.
    public enum Product {
        MARIADB("mariadb"),
        MYSQL("mysql");

        private final String type;

        Product(String type) {
            this.type = type;
        }

        /// The type as levada.yaml names it, and the URL's second part.
        public String type() {
            return type;
        }
    }

    public BinlogSource {
        tables = List.copyOf(tables);
    }

    /// With the default settings of loads.
    public BinlogSource(
            String name, Product product, String url, String user, Secret password, List<SourceTable> tables) {
        this(name, product, url, user, password, tables, LoadSettings.DEFAULT);
    }

    @Override
    public String type() {
        return product.type();
    }
}
