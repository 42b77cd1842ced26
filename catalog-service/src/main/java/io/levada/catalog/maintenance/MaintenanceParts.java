package io.levada.catalog.maintenance;

/// What a run consists of.
record MaintenanceParts(TableMaintenance tables, OrphanFiles orphans) {}
