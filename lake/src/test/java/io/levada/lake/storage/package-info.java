@NullMarked
package io.levada.lake.storage;

import org.jspecify.annotations.NullMarked;
