/// The warehouse, its loads, and what is served of them.
@NullMarked
package io.levada.warehouse.load;

import org.jspecify.annotations.NullMarked;
