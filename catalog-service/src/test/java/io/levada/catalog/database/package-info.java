@NullMarked
package io.levada.catalog.database;

import org.jspecify.annotations.NullMarked;
