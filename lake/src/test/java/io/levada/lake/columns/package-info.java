@NullMarked
package io.levada.lake.columns;

import org.jspecify.annotations.NullMarked;
