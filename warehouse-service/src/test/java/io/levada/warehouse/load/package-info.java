@NullMarked
package io.levada.warehouse.load;

import org.jspecify.annotations.NullMarked;
