package io.levada.catalog.rest;

import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.rest.Endpoint;

/// What `GET /v1/config` tells clients that they may call. Clients take a missing list for the default set of the
/// specification, and a route that is not listed for one that is not there.
final class OfferedEndpoints {
    private static final List<Endpoint> TABLES = List.of(
            Endpoint.V1_LIST_NAMESPACES,
            Endpoint.V1_LOAD_NAMESPACE,
            Endpoint.V1_NAMESPACE_EXISTS,
            Endpoint.V1_CREATE_NAMESPACE,
            Endpoint.V1_UPDATE_NAMESPACE,
            Endpoint.V1_DELETE_NAMESPACE,
            Endpoint.V1_LIST_TABLES,
            Endpoint.V1_LOAD_TABLE,
            Endpoint.V1_TABLE_EXISTS,
            Endpoint.V1_CREATE_TABLE,
            Endpoint.V1_UPDATE_TABLE,
            Endpoint.V1_DELETE_TABLE,
            Endpoint.V1_RENAME_TABLE,
            Endpoint.V1_REGISTER_TABLE,
            Endpoint.V1_REPORT_METRICS);
    private static final List<Endpoint> VIEWS = List.of(
            Endpoint.V1_LIST_VIEWS,
            Endpoint.V1_LOAD_VIEW,
            Endpoint.V1_VIEW_EXISTS,
            Endpoint.V1_CREATE_VIEW,
            Endpoint.V1_UPDATE_VIEW,
            Endpoint.V1_DELETE_VIEW,
            Endpoint.V1_RENAME_VIEW,
            Endpoint.V1_REGISTER_VIEW);

    private OfferedEndpoints() {}

    /// @param views whether the catalog keeps views
    static List<Endpoint> of(boolean views) {
        return views ? Stream.concat(TABLES.stream(), VIEWS.stream()).toList() : TABLES;
    }
}
