@NullMarked
package io.levada.catalog.storage;

import org.jspecify.annotations.NullMarked;
