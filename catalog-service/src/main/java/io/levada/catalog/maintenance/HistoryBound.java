package io.levada.catalog.maintenance;

/// Takes out of a table what is over the bound of its history. It is a part of maintenance that another package does.
public interface HistoryBound {
    /// What was taken out.
    ///
    /// @param files that were replaced, or left the table
    record Removed(long rows, long files) {
        public static final Removed NOTHING = new Removed(0, 0);
    }

    /// @param asked whether somebody asked for it; else it is done once a day
    /// @throws MaintenanceException where it can not be done; what was committed before stays
    Removed apply(String table, boolean asked);
}
