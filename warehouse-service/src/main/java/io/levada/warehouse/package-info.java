/// Loads curated tables into the warehouse.
@NullMarked
package io.levada.warehouse;

import org.jspecify.annotations.NullMarked;
