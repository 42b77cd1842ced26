@NullMarked
package io.levada.catalog.maintenance;

import org.jspecify.annotations.NullMarked;
