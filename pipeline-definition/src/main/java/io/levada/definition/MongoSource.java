package io.levada.definition;

import java.util.List;

/// A MongoDB database whose changes are captured through change streams.
///
/// @param url `mongodb://host:port,.../database` or `mongodb+srv://host/database`, with options
/// @param database the one that the URL names
/// @param user empty where the server asks for none
/// @param tables collections, in the file's order; a table's schema is the database
/// @param load how documents are read that are there at first
public record MongoSource(
        String name,
        String url,
        String database,
        String user,
        Secret password,
        List<SourceTable> tables,
        LoadSettings load)
        implements DatabaseSource {
    public MongoSource {
        tables = List.copyOf(tables);
    }

    /// With the default settings of loads.
    public MongoSource(
            String name, String url, String database, String user, Secret password, List<SourceTable> tables) {
        this(name, url, database, user, password, tables, LoadSettings.DEFAULT);
    }

    @Override
    public String type() {
        return "mongodb";
    }
}
