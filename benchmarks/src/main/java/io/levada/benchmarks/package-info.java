/// Repeatable measurements.
@NullMarked
package io.levada.benchmarks;

import org.jspecify.annotations.NullMarked;
