/** Whether a coordinate reference system (WKT 1 or 2) says that coordinates are longitude and latitude. */
export function isGeographicWkt(wkt: string): boolean {
  return /^\s*GEO(G|D)/i.test(wkt);
}
