@NullMarked
package io.levada.catalog.registry;

import org.jspecify.annotations.NullMarked;
