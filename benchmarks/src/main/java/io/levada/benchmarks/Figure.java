package io.levada.benchmarks;

import java.util.Locale;

/// One measured value.
///
/// @param target in words; empty where none is set
record Figure(String what, double value, String unit, String target) {
    String line() {
        return String.format(Locale.ROOT, "%-46s %,14.2f %-10s %s", what, value, unit, target);
    }
}
