/// Derived tables: which there are, whether they follow from their inputs' current snapshots, and the loop that
/// computes and offers those that do not.
@NullMarked
package io.levada.transform.derived;

import org.jspecify.annotations.NullMarked;
