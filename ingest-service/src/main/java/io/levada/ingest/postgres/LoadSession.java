package io.levada.ingest.postgres;

/// A snapshot that loads read, and its place among the changes: its rows are the state there.
record LoadSession(LoadSnapshot snapshot, SnapshotPlaces.Place place) {
    String pos() {
        return place.pos();
    }
}
