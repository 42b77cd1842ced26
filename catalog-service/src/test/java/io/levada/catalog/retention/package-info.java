@NullMarked
package io.levada.catalog.retention;

import org.jspecify.annotations.NullMarked;
