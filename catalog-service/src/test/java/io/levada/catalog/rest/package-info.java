@NullMarked
package io.levada.catalog.rest;

import org.jspecify.annotations.NullMarked;
