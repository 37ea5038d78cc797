/* Below a path the page's addresses, which are relative, need its last slash; its cookies are sent below it alone. */
((root) => {
  const at = location.pathname;
  const place = !at.startsWith(root + "/") ? root + "/" : at.endsWith("/") ? at : at + "/";
  if (place !== at) location.replace(place + location.search + location.hash);
})
