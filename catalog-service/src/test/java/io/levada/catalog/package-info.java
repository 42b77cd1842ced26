@NullMarked
package io.levada.catalog;

import org.jspecify.annotations.NullMarked;
