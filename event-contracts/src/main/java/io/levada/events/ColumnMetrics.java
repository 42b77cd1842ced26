package io.levada.events;

import java.util.Map;

/// Iceberg's metrics of one data file, by field id. Bounds are Iceberg single-value serialisations in Base64.
public record ColumnMetrics(
        Map<Integer, Long> columnSizes,
        Map<Integer, Long> valueCounts,
        Map<Integer, Long> nullValueCounts,
        Map<Integer, Long> nanValueCounts,
        Map<Integer, String> lowerBounds,
        Map<Integer, String> upperBounds) {
    public ColumnMetrics {
        columnSizes = Map.copyOf(columnSizes);
        valueCounts = Map.copyOf(valueCounts);
        nullValueCounts = Map.copyOf(nullValueCounts);
        nanValueCounts = Map.copyOf(nanValueCounts);
        lowerBounds = Map.copyOf(lowerBounds);
        upperBounds = Map.copyOf(upperBounds);
    }
}
